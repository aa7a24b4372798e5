import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/config.js';

const ASH: readonly [string | undefined, string, number][] = [
  [undefined, 'off', 0],
  ['off', 'off', 0],
  ['json', 'json', 0],
  ['kv', 'json', 1],
];

for (const [wanted, expected, problems] of ASH) {
  test(`with dialect ash an access log ${wanted ?? 'unset'} is ${expected}`, () => {
    const config = readConfig({ AGENT_OTEL_DIALECT: 'ash', AGENT_OTEL_ACCESS_LOG: wanted });
    assert.equal(config.accessLog, expected);
    assert.equal(config.problems.length, problems);
    for (const problem of config.problems) assert.match(problem, /AGENT_OTEL_ACCESS_LOG=kv/);
  });
}

for (const dialect of ['wasmrun', 'arbiter', undefined]) {
  test(`with dialect ${dialect ?? 'unset'} the access log is kv and lines are not all JSON`, () => {
    const config = readConfig({ AGENT_OTEL_DIALECT: dialect });
    assert.equal(config.accessLog, 'kv');
    assert.equal(config.jsonLines, false);
  });
}

test('with dialect ash every line is JSON', () => {
  assert.equal(readConfig({ AGENT_OTEL_DIALECT: 'ash' }).jsonLines, true);
});

const ADMIN: readonly [string | undefined, boolean][] = [
  [undefined, true],
  ['prometheus', true],
  ['otlp,prometheus', true],
  ['otlp', false],
  ['none', false],
];

for (const [exporters, expected] of ADMIN) {
  test(`OTEL_METRICS_EXPORTER ${exporters ?? 'unset'} has the admin listener ${expected ? 'on' : 'off'}`, () => {
    const { admin } = readConfig({ OTEL_METRICS_EXPORTER: exporters });
    assert.equal(admin !== undefined, expected);
  });
}

test('the timeout of an export is never longer than the interval', () => {
  const { metricExportTimeoutMs } = readConfig({ OTEL_METRIC_EXPORT_INTERVAL: '1000' });
  assert.equal(metricExportTimeoutMs, 1000);
});

test('each variable that cannot be used has a line of its own', () => {
  const { problems } = readConfig({
    AGENT_OTEL_DIALECT: 'x',
    AGENT_OTEL_TENANT_LIMIT: 'y',
    OTEL_TRACES_SAMPLER: 'z',
  });
  assert.equal(problems.length, 3);
});

test('a value in a problem is bounded and one line, whatever it holds', () => {
  const { problems } = readConfig({ AGENT_OTEL_DIALECT: `a\nb"${'x'.repeat(5_000)}` });
  assert.ok((problems[0]?.length ?? 0) < 500);
  assert.doesNotMatch(problems[0] ?? '', /\n/);
});

test('a process whose parent has telemetry knows it, unless the mark is empty', () => {
  assert.equal(readConfig({ AGENT_OTEL_PARENT: '123' }).inherited, true);
  assert.equal(readConfig({ AGENT_OTEL_PARENT: '' }).inherited, false);
  assert.equal(readConfig({}).inherited, false);
});

test('a configuration cannot be changed', () => {
  assert.ok(Object.isFrozen(readConfig({})));
});

test('an exporter of logs that is not known is one clear line', () => {
  assert.deepEqual(readConfig({ OTEL_LOGS_EXPORTER: 'none' }).problems, []);
  const { problems } = readConfig({ OTEL_LOGS_EXPORTER: 'pigeon' });
  assert.equal(problems.length, 1);
  assert.ok(problems[0]?.startsWith('OTEL_LOGS_EXPORTER="pigeon" '));
});
