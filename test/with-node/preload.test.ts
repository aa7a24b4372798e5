import test, { describe } from 'node:test';
import { newerNode, NEWER } from './support/packages.js';
import { runSuites } from './support/run-suites.js';

/** What of test/process depends on the Node that it runs on. */
const SUITES = [
  'loading',
  'children',
  'globals',
  'api-copies',
  'own-provider',
  'exec-hosts',
  'docker-hosts',
  'incoming-frameworks',
  'incoming-http2',
];

// Two at a time, as the runner does with files.
describe('the preload on newer lines of Node', { concurrency: 2 }, () => {
  for (const major of NEWER) {
    test(`the preload on Node ${major}`, async (t) => {
      const node = newerNode(t, major);
      if (node !== undefined) await runSuites(t, node, { suites: SUITES });
    });
  }
});
