/** The processes of a cluster: each counts for itself, and together they are the whole. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { send } from './support/client.js';

const REQUESTS = 8;

for (const [what, args] of [
  ['a primary that only starts them', []],
  ['a primary that has a server of its own', ['serves']],
] as const) {
  test(`workers of ${what} have a ledger, a page and an id each`, async (t) => {
    const receiver = await startOtlpReceiver(t);
    const host = await startHost(t, {
      args: [fixture('cluster.js'), ...args],
      env: {
        AGENT_OTEL_LOG_LEVEL: 'info',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: '100',
      },
    });
    const pages = await waitFor(
      () => {
        const urls = [...host.stderr().matchAll(/admin listener is at (\S+)/g)].map(
          ([, url = '']) => url,
        );
        return urls.length === 2 + args.length && urls;
      },
      { what: 'the admin listeners' },
    );
    for (let i = 0; i < REQUESTS; i++) await send(host.url);

    const counted = await Promise.all(
      pages.map(async (url) => {
        const { body } = await send(`${url}/metrics`);
        return Number(/^http_server_request_duration_count\S* (\d+)$/m.exec(body)?.[1] ?? 0);
      }),
    );
    assert.equal(
      counted.reduce((sum, count) => sum + count, 0),
      REQUESTS,
    );
    assert.ok(Math.max(...counted) < REQUESTS, `${counted.join()} by process`);

    const pushed = await waitFor(
      () => {
        const latest = new Map(
          receiver
            .points()
            .filter(({ name }) => name === 'http.server.request.duration')
            .map((point) => [String(point.resource['service.instance.id']), point.count] as const),
        );
        return latest.size > 1 && latest;
      },
      { what: 'metrics of both workers' },
    );
    assert.ok([...pushed.values()].every((count) => count > 0));
  });
}
