import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, type OtlpSignals } from '../../../src/config/config.js';
import type { Environment } from '../../../src/config/values.js';

const ALL = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const TRACES = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' };
const METRICS = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:4318/v1/metrics' };

const LOGS = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:4318/v1/logs' };

const MATRIX: readonly [string, Environment, readonly string[]][] = [
  ['nothing', {}, []],
  ['an endpoint', ALL, ['traces', 'metrics', 'logs']],
  ['an endpoint for traces', TRACES, ['traces']],
  ['an endpoint for metrics', METRICS, ['metrics']],
  ['an endpoint for logs', LOGS, ['logs']],
  ['OTEL_TRACES_EXPORTER=otlp', { OTEL_TRACES_EXPORTER: 'otlp' }, ['traces']],
  ['OTEL_METRICS_EXPORTER=otlp', { OTEL_METRICS_EXPORTER: 'otlp' }, ['metrics']],
  ['OTEL_LOGS_EXPORTER=otlp', { OTEL_LOGS_EXPORTER: 'otlp' }, ['logs']],
  ['an endpoint, no traces', { ...ALL, OTEL_TRACES_EXPORTER: 'none' }, ['metrics', 'logs']],
  ['an endpoint, no metrics', { ...ALL, OTEL_METRICS_EXPORTER: 'none' }, ['traces', 'logs']],
  ['an endpoint, no logs', { ...ALL, OTEL_LOGS_EXPORTER: 'none' }, ['traces', 'metrics']],
  [
    'an endpoint and Prometheus alone for metrics',
    { ...ALL, OTEL_METRICS_EXPORTER: 'prometheus' },
    ['traces', 'logs'],
  ],
  [
    'an endpoint and both for metrics',
    { ...ALL, OTEL_METRICS_EXPORTER: 'otlp,prometheus' },
    ['traces', 'metrics', 'logs'],
  ],
];

const exported = (otlp: OtlpSignals): string[] =>
  Object.entries(otlp).flatMap(([signal, protocol]) => (protocol === undefined ? [] : [signal]));

for (const [what, environment, expected] of MATRIX) {
  test(`with ${what} OTLP has ${expected.join(', ') || 'nothing'}, over HTTP`, () => {
    const { otlp, problems } = readConfig(environment);
    assert.deepEqual(exported(otlp), expected);
    assert.ok(Object.values(otlp).every((protocol) => protocol !== 'grpc'));
    assert.deepEqual(problems, []);
  });
}

const BAD_ENDPOINTS = [
  '127.0.0.1:4318',
  'htp://collector:4318',
  'http://',
  'grpc://c',
  'http:///x',
];

for (const endpoint of BAD_ENDPOINTS) {
  test(`the endpoint ${endpoint} is one clear line, and nothing is exported anywhere`, () => {
    const { otlp, problems } = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_EXPORTER: 'otlp',
    });
    assert.deepEqual(exported(otlp), []);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^OTEL_EXPORTER_OTLP_ENDPOINT=.*http:\/\/ or https:\/\//);
  });
}

test('a bad endpoint of one signal leaves the others alone', () => {
  const { otlp, problems } = readConfig({ ...ALL, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nowhere' });
  assert.deepEqual(exported(otlp), ['metrics', 'logs']);
  assert.equal(problems.length, 1);
});

test('OTEL_EXPORTER_OTLP_PROTOCOL holds for every signal that has none of its own', () => {
  const { otlp, problems } = readConfig({
    ...ALL,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
  });
  assert.deepEqual(otlp, { traces: 'grpc', metrics: 'http/protobuf', logs: 'grpc' });
  assert.deepEqual(problems, []);
});

for (const signal of ['traces', 'metrics', 'logs'] as const) {
  test(`the protocol of ${signal} can be named alone`, () => {
    const name = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`;
    const { otlp } = readConfig({ ...ALL, [name]: 'grpc' });
    const over = { traces: 'http/protobuf', metrics: 'http/protobuf', logs: 'http/protobuf' };
    assert.deepEqual(otlp, { ...over, [signal]: 'grpc' });
  });

  test(`a protocol of ${signal} that is not spoken is one clear line, and the default is used`, () => {
    const name = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_PROTOCOL`;
    const { otlp, problems } = readConfig({ ...ALL, [name]: 'http/json' });
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith(`${name}="http/json" `));
    assert.match(problems[0] ?? '', /http\/protobuf, grpc/);
    assert.equal(otlp[signal], 'http/protobuf');
  });
}

for (const endpoint of ['collector:4317', '127.0.0.1:4317', '[::1]:4317', 'https://c:4317']) {
  test(`over gRPC the endpoint may be ${endpoint}`, () => {
    const { otlp, problems } = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(exported(otlp), ['traces', 'metrics', 'logs']);
  });
}

test('over gRPC an endpoint that is neither a URL nor host:port exports nothing', () => {
  const { otlp, problems } = readConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  });
  assert.deepEqual(exported(otlp), []);
  assert.match(problems[0] ?? '', /URL or host:port/);
});

test('OTEL_BLRP_* have the defaults of the specification', () => {
  assert.deepEqual(readConfig({}).logBatch, { scheduledDelayMs: 1000, maxSize: 512 });
  const { logBatch } = readConfig({
    OTEL_BLRP_SCHEDULE_DELAY: '20',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '7',
  });
  assert.deepEqual(logBatch, { scheduledDelayMs: 20, maxSize: 7 });
});

test('an exporter that is not known is one clear line and is left out', () => {
  const { otlp, problems } = readConfig({ OTEL_TRACES_EXPORTER: 'zipkin,otlp' });
  assert.deepEqual(exported(otlp), ['traces']);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^OTEL_TRACES_EXPORTER="zipkin,otlp" .*otlp, none/);
});

const SECRET = 'S3CRET';
const CREDENTIALS = [
  `htp://user:${SECRET}@collector:4318`,
  `htp://user:a@${SECRET}@collector:4318`,
  `htp://user:${'x'.repeat(300)}${SECRET}@collector`,
  `htp://${SECRET}${'x'.repeat(300)}@collector`,
  `http://user:pass/${SECRET}@collector`,
  `user:${SECRET}@collector:4318`,
];

for (const [i, endpoint] of CREDENTIALS.entries()) {
  test(`credentials in a URL that cannot be used are nobody’s to read (${i + 1})`, () => {
    const { problems } = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    assert.equal(problems.length, 1);
    assert.doesNotMatch(problems[0] ?? '', new RegExp(SECRET));
  });
}
