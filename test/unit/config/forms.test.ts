import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/config.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const SECRET = 's3cret';

const WRONG: readonly [string, string][] = [
  ['OTEL_EXPORTER_OTLP_HEADERS', SECRET],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', `a=1,${SECRET}`],
  ['OTEL_RESOURCE_ATTRIBUTES', SECRET],
];

for (const [name, value] of WRONG) {
  test(`${name} that is no list of pairs is one clear line, without the value`, () => {
    const { problems } = readConfig({ ...ENDPOINT, [name]: value });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', new RegExp(`^${name} is not a list of key=value`));
    assert.ok(!problems[0]?.includes(SECRET));
  });
}

test('lists of pairs, also with empty values and equals signs in them, are no problem', () => {
  const { problems } = readConfig({
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic YQ==, x-empty=',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,deployment.environment.name=b',
  });
  assert.deepEqual(problems, []);
});

test('a certificate that cannot be read is one clear line', () => {
  const { problems } = readConfig({ ...ENDPOINT, OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file' });
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? '',
    /^OTEL_EXPORTER_OTLP_CERTIFICATE="\/no\/such\/file" is not a file/,
  );
});

test('a tenant header that can be no header is one clear line and is left out', () => {
  const { problems, tenantHeader } = readConfig({ AGENT_OTEL_TENANT_HEADER: 'bad:header' });
  assert.equal(tenantHeader, undefined);
  assert.match(
    problems[0] ?? '',
    /^AGENT_OTEL_TENANT_HEADER="bad:header" is not the name of a header/,
  );
});

test('the line of a list says what is used instead', () => {
  const lineFor = (value: string): string =>
    readConfig({ OTEL_METRICS_EXPORTER: value }).problems[0] ?? '';
  assert.match(lineFor('foo'), /the default is used$/);
  assert.match(lineFor('foo,otlp'), /; otlp is used$/);
});
