import assert from 'node:assert/strict';
import test from 'node:test';
import { accessLines } from '../process/support/access-lines.js';
import { send } from '../process/support/client.js';
import { startHost } from '../support/host.js';
import { fixture, PRELOAD } from '../support/paths.js';
import { newerNode, NEWER } from './support/packages.js';

for (const major of NEWER) {
  for (const flag of ['--require', '--import'] as const) {
    test(`Node ${major} has nothing to warn of, with ${flag}`, async (t) => {
      const node = newerNode(t, major);
      if (node === undefined) return;
      const host = await startHost(t, {
        node,
        args: [fixture('executions/host.js')],
        // Also what Node will only warn of one day.
        nodeArgs: ['--pending-deprecation', flag, PRELOAD],
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
      });
      const paths = ['/exec', '/execFile', '/spawn', '/execFileSync', '/spawnSync', '/worker'];
      for (const path of paths) await send(host.url + path);
      await host.line(/path=\/worker/);
      assert.deepEqual(
        accessLines(host).map(({ path }) => path),
        paths,
      );
    });
  }
}
