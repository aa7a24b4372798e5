import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { longestTurn } from '../../integration/support/tenant-host.js';
import { decodePoints } from '../../support/otlp-decode.js';
import { waitFor } from '../../support/wait.js';
import { startTenants } from './tier.js';

/** One export of a host with so many tenants. */
export interface Weight {
  /** Uncompressed. */
  readonly bytes: number;
  readonly points: number;
  /** For how many milliseconds exports held the host's event loop, the middle one of some. */
  readonly heldMs: number;
}

export async function weighExport(t: TestContext, tenants: number): Promise<Weight> {
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/metrics') bodies.push(Buffer.concat(chunks));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { host } = await startTenants(t, {
    instance: 'weighed',
    tenants,
    agent: { url },
    everyMs: 1000,
  });
  const held: number[] = [];
  for (let seen = 0; held.length < 5; seen = bodies.length) {
    await waitFor(() => bodies.length > seen, { what: 'an export to weigh' });
    held.push(await longestTurn(host.url));
  }
  await host.stop();
  const body = bodies.at(-1) ?? Buffer.alloc(0);
  const [, , heldMs = NaN] = held.sort((a, b) => a - b);
  return { bytes: body.length, points: decodePoints(body).length, heldMs };
}
