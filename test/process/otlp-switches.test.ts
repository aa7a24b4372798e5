import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { send } from './support/client.js';

/** Serves one request to its end and says which paths the receiver was asked for. */
async function pathsAfter(
  t: test.TestContext,
  receiver: OtlpReceiver,
  env: Record<string, string>,
): Promise<string[]> {
  const host = await startHost(t, { args: [fixture('traced.js')], env });
  await send(`${host.url}/exec`);
  await host.line(/path=\/exec/);
  await host.stop();
  return [...new Set(receiver.requests.map(({ path }) => path))].sort();
}

const CASES: readonly {
  readonly name: string;
  readonly env: (url: string) => Record<string, string>;
  readonly paths: readonly string[];
}[] = [
  {
    name: 'an endpoint switches the three signals on',
    env: (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url }),
    paths: ['/v1/logs', '/v1/metrics', '/v1/traces'],
  },
  {
    name: 'an endpoint with a path has the signals below it',
    env: (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otlp/` }),
    paths: ['/otlp/v1/logs', '/otlp/v1/metrics', '/otlp/v1/traces'],
  },
  {
    name: 'an endpoint of traces alone sends traces alone, to exactly that URL',
    env: (url) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/my/traces` }),
    paths: ['/my/traces'],
  },
  {
    name: 'an endpoint of metrics alone sends metrics alone, to exactly that URL',
    env: (url) => ({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/my/metrics` }),
    paths: ['/my/metrics'],
  },
  {
    name: 'an endpoint of logs alone sends logs alone, to exactly that URL',
    env: (url) => ({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${url}/my/logs` }),
    paths: ['/my/logs'],
  },
  {
    name: 'an exporter of none keeps its signal at home',
    env: (url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    }),
    paths: ['/v1/traces'],
  },
  {
    name: 'Prometheus as the only metrics exporter sends no metrics',
    env: (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_METRICS_EXPORTER: 'prometheus' }),
    paths: ['/v1/logs', '/v1/traces'],
  },
  {
    name: 'OTLP and Prometheus can both be named for metrics',
    env: (url) => ({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    }),
    paths: ['/v1/metrics'],
  },
  { name: 'nothing is sent where no endpoint is named', env: () => ({}), paths: [] },
  {
    name: 'a mistyped endpoint sends nothing anywhere',
    env: (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url.replace('http://', '') }),
    paths: [],
  },
];

for (const { name, env, paths } of CASES) {
  test(name, async (t) => {
    const receiver = await startOtlpReceiver(t);
    assert.deepEqual(await pathsAfter(t, receiver, env(receiver.url)), paths);
  });
}

test('headers and compression are sent as the standard variables say', async (t) => {
  const receiver = await startOtlpReceiver(t);
  await pathsAfter(t, receiver, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=secret,x-both=all',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-both=traces',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  });
  const headersOf = (path: string): Record<string, unknown> =>
    receiver.requests.find((request) => request.path === path)?.headers ?? {};
  assert.equal(headersOf('/v1/traces')['x-api-key'], 'secret');
  assert.equal(headersOf('/v1/traces')['x-both'], 'traces');
  assert.equal(headersOf('/v1/metrics')['x-both'], 'all');
  assert.equal(headersOf('/v1/metrics')['content-type'], 'application/x-protobuf');
  assert.equal(headersOf('/v1/traces')['content-encoding'], 'gzip');
  assert.ok(receiver.spans().length > 0 && receiver.points().length > 0);
});

test('service name and resource attributes describe every signal', async (t) => {
  const receiver = await startOtlpReceiver(t);
  await pathsAfter(t, receiver, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_SERVICE_NAME: 'my-agent',
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=agents,deployment.environment.name=b%C3%BChne',
  });
  for (const { resource } of [...receiver.spans(), ...receiver.points()]) {
    assert.equal(resource['service.name'], 'my-agent');
    assert.equal(resource['service.namespace'], 'agents');
    assert.equal(resource['deployment.environment.name'], 'bühne');
    assert.equal(resource['telemetry.sdk.language'], 'nodejs');
  }
});

test('a receiver that is unavailable for a moment gets everything once it is back', async (t) => {
  const receiver = await startOtlpReceiver(t, {
    answer: { with: 'unavailable', retryAfterSeconds: 1 },
  });
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' },
  });
  await send(`${host.url}/exec`);
  await waitFor(() => receiver.requests.length > 0, { what: 'a first attempt' });
  receiver.answer({ with: 'success' });
  await receiver.span(({ name }) => name === 'exec', 'the execution');
  await host.stop();
  assert.equal(receiver.spans().length, 2);
});
