import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHost } from '../support/host.js';
import { startOtlpGrpcReceiver } from '../support/otlp-grpc-receiver.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { requestId, send } from './support/client.js';
import { installWithoutGrpc } from './support/without-grpc.js';

const FAST = {
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_BLRP_SCHEDULE_DELAY: '50',
  OTEL_METRIC_EXPORT_INTERVAL: '100',
};

test('the three signals go out over gRPC, with headers as metadata', async (t) => {
  const receiver = await startOtlpGrpcReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${receiver.target}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=opensesame',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      ...FAST,
    },
  });
  const id = requestId(await send(`${host.url}/exec`));
  const { spans, points, logRecords, metadata } = receiver;
  await waitFor(() => spans.some(({ spanId }) => spanId === id), { what: 'the server span' });
  await waitFor(() => logRecords.some(({ spanId }) => spanId === id), { what: 'its record' });
  await waitFor(() => points.some(({ name }) => name === 'agent.exec.duration'), {
    what: 'the execution among the metrics',
  });
  assert.ok(metadata.every((one) => one.get('x-api-key')[0] === 'opensesame'));
  assert.ok(!host.stderr().includes('opensesame'));
});

test('what is left at the end goes out over gRPC as well', async (t) => {
  const receiver = await startOtlpGrpcReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.target,
      OTEL_EXPORTER_OTLP_INSECURE: 'true',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    },
  });
  const id = requestId(await send(`${host.url}/exec`));
  await host.line(/path=\/exec/);
  assert.deepEqual(await host.stop(), { code: null, signal: 'SIGTERM' });
  assert.deepEqual(
    receiver.spans.map(({ name }) => name),
    ['exec', 'GET'],
  );
  assert.deepEqual(
    receiver.logRecords.map(({ spanId }) => spanId),
    [id],
  );
  assert.ok(receiver.points.some(({ name }) => name === 'agent.exec.duration'));
});

test('one signal can go over gRPC and the others over HTTP', async (t) => {
  const [grpc, http] = [await startOtlpGrpcReceiver(t), await startOtlpReceiver(t)];
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: http.url,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://${grpc.target}`,
    },
  });
  await send(`${host.url}/exec`);
  await host.line(/path=\/exec/);
  await host.stop();
  assert.deepEqual([grpc.spans.length, grpc.points.length, grpc.logRecords.length], [2, 0, 0]);
  assert.deepEqual([http.spans().length, http.logRecords().length], [0, 1]);
  assert.ok(http.points().length > 0);
});

test('a Collector that comes back is sent what it has missed', async (t) => {
  const away = await startOtlpGrpcReceiver(t);
  away.stop();
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${away.target}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_LOG_LEVEL: 'none',
      ...FAST,
    },
  });
  const id = requestId(await send(`${host.url}/exec`));
  await host.line(/path=\/exec/);
  // Long enough for a first attempt to have failed.
  await sleep(500);
  const back = await startOtlpGrpcReceiver(t, away.target);
  await waitFor(() => back.spans.some(({ spanId }) => spanId === id), { what: 'the span' });
  await waitFor(() => back.logRecords.some(({ spanId }) => spanId === id), { what: 'the record' });
  assert.ok(host.lines().every((line) => !/given up, of (traces|logs)/.test(line)));
});

test('an outage is one line for each signal', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TIMEOUT: '300',
      ...FAST,
    },
  });
  for (let n = 0; n < 20; n++) {
    await send(`${host.url}/exec`);
    await sleep(50);
  }
  for (const signal of ['traces', 'metrics', 'logs']) {
    await host.line(new RegExp(`given up, of ${signal}: 14 UNAVAILABLE`));
  }
  assert.equal(host.lines().filter((line) => line.includes('given up')).length, 3);
});

test('an endpoint that nobody listens on holds the end of the process no longer than HTTP', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    },
  });
  await send(`${host.url}/exec`);
  const before = Date.now();
  await host.stop();
  assert.ok(Date.now() - before < 5_000);
});

test('without its package, gRPC is one clear line, and what goes over HTTP goes out', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    nodeArgs: ['--require', installWithoutGrpc(t)],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
    },
  });
  await send(`${host.url}/exec`);
  const line = await host.line(/grpc/);
  assert.match(
    line,
    /\(of traces, metrics\) needs @opentelemetry\/otlp-grpc-exporter-base, which is not installed/,
  );
  await host.line(/path=\/exec/);
  await host.stop();
  assert.equal(host.lines().filter((said) => said.startsWith('agent-otel')).length, 1);
  assert.deepEqual([...new Set(receiver.requests.map((request) => request.path))], ['/v1/logs']);
});

test('a host that speaks HTTP loads no gRPC', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    nodeArgs: ['--require', installWithoutGrpc(t)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  await send(`${host.url}/exec`);
  await host.stop();
  assert.equal(receiver.spans().length, 2);
  assert.ok(host.lines().every((line) => !line.startsWith('agent-otel')));
});
