import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test, { describe } from 'node:test';
import { hostsBeside, installedPackages, newerNode } from './support/packages.js';
import { runSuites } from './support/run-suites.js';

const SUITES = ['provider-packages', 'provider-circuits'];

/** The oldest and the newest line that they run on; the preload runs on those between as well. */
const LINES = ['22', '26'] as const;

// Two at a time, as the runner does with files.
describe('packages that need a newer Node', { concurrency: 2 }, () => {
  for (const major of LINES) {
    test(`the providers' current packages on Node ${major}`, async (t) => {
      const node = newerNode(t, major);
      const packages = node && installedPackages(t, 'providers');
      if (node === undefined || packages === undefined) return;
      const { compiled } = hostsBeside(t, packages);
      const found = createRequire(`${compiled}providers/host.js`).resolve('openai');
      assert.ok(found.startsWith(packages), found);
      await runSuites(node, { suites: SUITES, env: { HOST_FIXTURES: compiled } });
    });
  }
});
