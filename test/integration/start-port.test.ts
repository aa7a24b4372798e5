/** A port that somebody else has: `npm start` must not drive that server as its own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { startServer } from '../../examples/start/servers.js';

const PATHS = { wasmrun: '/api/v1/metrics', ash: '/metrics', arbiter: '/v1/metrics' } as const;

for (const example of ['wasmrun', 'ash', 'arbiter'] as const) {
  test(`npm start does not take another server on its port for its own ${example}`, async (t) => {
    const other = createServer((_request, response) => response.end('not yours\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => {
      other.closeAllConnections();
      other.close();
    });
    const { port } = other.address() as AddressInfo;
    const starting = startServer({
      name: `taken-${example}`,
      example,
      port,
      adminPort: 0,
      args: [],
      probe: { path: PATHS[example] },
    });
    // Where it is taken for one of ours, what was started still has to end.
    void starting.then(
      (server) => {
        server.stop();
      },
      () => undefined,
    );
    await assert.rejects(starting, new RegExp(`port ${port}`));
  });
}
