/** A process behind a Collector has an id of its own, and no number of tenants is too many to send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture, ROOT } from '../support/paths.js';
import { waitFor } from '../support/wait.js';

test('as many tenants as the limit allows are exported, although one export is large', async (t) => {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      if (request.url === '/v1/metrics') bytes += chunk.length;
    });
    request.on('end', () => response.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await startHost(t, {
    args: [`${ROOT}build/test/integration/fixtures/tenant-load.js`, '10000'],
    env: {
      AGENT_OTEL_ACCESS_LOG: 'off',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    },
  });
  await waitFor(() => bytes > 8 << 20, { what: 'an export of 10,000 tenants', timeoutMs: 20_000 });
});

test('two processes of one service have ids of their own, and one that is given is kept', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const idOf = async (attributes: string): Promise<unknown> => {
    const host = await startHost(t, {
      args: [fixture('traced.js')],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_RESOURCE_ATTRIBUTES: attributes,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
    });
    const { headers } = await fetch(host.url);
    const id = headers.get('x-request-id');
    const span = await receiver.span(({ spanId }) => spanId === id);
    return span.resource['service.instance.id'];
  };
  const [first, second] = [await idOf(''), await idOf('')];
  assert.match(String(first), /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  assert.notEqual(first, second);
  assert.equal(await idOf('service.instance.id=mine'), 'mine');
});
