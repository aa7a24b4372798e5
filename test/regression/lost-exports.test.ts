import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startHost } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';

// Only what found no place in the queue was counted: an endpoint that refused everything
// left the counter at 0.
test('what an OTLP endpoint refuses is counted by signal and said once', async (t) => {
  const refusing = createServer((request, response) => {
    request.resume();
    response.writeHead(400).end();
  }).listen(0, '127.0.0.1');
  t.after(() => {
    refusing.close();
    refusing.closeAllConnections();
  });
  await waitFor(() => refusing.listening);
  const host = await startHost(t, {
    args: [fixture('nested-servers.js')],
    env: {
      AGENT_OTEL_LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_BLRP_SCHEDULE_DELAY: '50',
    },
  });
  await fetch(host.url);
  const admin = /http:\S+/.exec(await host.line(/admin listener is at/))?.[0] ?? '';
  const lost = async (signal: string): Promise<number> => {
    const text = await (await fetch(`${admin}/metrics`)).text();
    const sample = new RegExp(
      `agent_export_dropped_total\\{agent_export_signal="${signal}".*\\} (\\d+)`,
    );
    return Number(sample.exec(text)?.[1] ?? NaN);
  };
  for (const signal of ['traces', 'metrics', 'logs']) {
    await waitFor(async () => (await lost(signal)) > 0, { what: `lost ${signal}` });
    await host.line(new RegExp(`export was given up, of ${signal}: `));
  }
  const said = host.lines().filter((line) => line.includes('of traces: '));
  assert.equal(said.length, 1);
});
