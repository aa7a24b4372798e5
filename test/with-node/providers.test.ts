import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test, { describe } from 'node:test';
import { hostsBeside, installedPackages, newerNode, NEWER } from './support/packages.js';
import { runSuites } from './support/run-suites.js';

const SUITES = ['provider-packages', 'provider-circuits'];

// Two at a time, as the runner does with files.
describe('packages that need a newer Node', { concurrency: 2 }, () => {
  for (const major of NEWER) {
    test(`the providers' current packages on Node ${major}`, async (t) => {
      const node = newerNode(t, major);
      const packages = node && installedPackages(t, 'providers');
      if (node === undefined || packages === undefined) return;
      const { compiled } = hostsBeside(t, packages);
      const found = createRequire(`${compiled}providers/host.js`).resolve('openai');
      assert.ok(found.startsWith(packages), found);
      await runSuites(t, node, { suites: SUITES, env: { HOST_FIXTURES: compiled } });
    });
  }
});
