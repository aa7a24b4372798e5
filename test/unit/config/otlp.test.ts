import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/config.js';
import type { Environment } from '../../../src/config/values.js';

const ALL = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const TRACES = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' };
const METRICS = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:4318/v1/metrics' };

const MATRIX: readonly [string, Environment, { traces: boolean; metrics: boolean }][] = [
  ['nothing', {}, { traces: false, metrics: false }],
  ['an endpoint', ALL, { traces: true, metrics: true }],
  ['an endpoint for traces', TRACES, { traces: true, metrics: false }],
  ['an endpoint for metrics', METRICS, { traces: false, metrics: true }],
  ['OTEL_TRACES_EXPORTER=otlp', { OTEL_TRACES_EXPORTER: 'otlp' }, { traces: true, metrics: false }],
  [
    'OTEL_METRICS_EXPORTER=otlp',
    { OTEL_METRICS_EXPORTER: 'otlp' },
    { traces: false, metrics: true },
  ],
  [
    'an endpoint and no traces',
    { ...ALL, OTEL_TRACES_EXPORTER: 'none' },
    { traces: false, metrics: true },
  ],
  [
    'an endpoint and no metrics',
    { ...ALL, OTEL_METRICS_EXPORTER: 'none' },
    { traces: true, metrics: false },
  ],
  [
    'an endpoint and Prometheus alone for metrics',
    { ...ALL, OTEL_METRICS_EXPORTER: 'prometheus' },
    { traces: true, metrics: false },
  ],
  [
    'an endpoint and both for metrics',
    { ...ALL, OTEL_METRICS_EXPORTER: 'otlp,prometheus' },
    { traces: true, metrics: true },
  ],
];

for (const [what, environment, expected] of MATRIX) {
  test(`with ${what} OTLP has traces ${String(expected.traces)}, metrics ${String(expected.metrics)}`, () => {
    const { otlp, problems } = readConfig(environment);
    assert.deepEqual(otlp, expected);
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
    assert.deepEqual(otlp, { traces: false, metrics: false });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^OTEL_EXPORTER_OTLP_ENDPOINT=.*http:\/\/ or https:\/\//);
  });
}

test('a bad endpoint of one signal leaves the other alone', () => {
  const { otlp, problems } = readConfig({ ...ALL, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nowhere' });
  assert.deepEqual(otlp, { traces: false, metrics: true });
  assert.equal(problems.length, 1);
});

for (const name of [
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
]) {
  test(`${name}=grpc is one clear line that says which protocol is spoken`, () => {
    const { problems } = readConfig({ ...ALL, [name]: 'grpc' });
    assert.equal(problems.length, 1);
    assert.ok(problems[0]?.startsWith(`${name}="grpc" `));
    assert.match(problems[0] ?? '', /http\/protobuf/);
  });
}

test('an exporter that is not known is one clear line and is left out', () => {
  const { otlp, problems } = readConfig({ OTEL_TRACES_EXPORTER: 'zipkin,otlp' });
  assert.equal(otlp.traces, true);
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
