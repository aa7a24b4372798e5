import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { waitFor } from '../../support/wait.js';
import { startTenants } from './tier.js';

/** The size in bytes of one export of a host with so many tenants, uncompressed. */
export async function weighExport(t: TestContext, tenants: number): Promise<number> {
  const bodies: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      if (request.url === '/v1/metrics') bodies.push(bytes);
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
  const { host } = await startTenants(t, { instance: 'weighed', tenants, agent: { url } });
  const bytes = await waitFor(() => bodies.at(-1), { what: 'an export to weigh' });
  await host.stop();
  return bytes;
}
