import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessJson, accessLine, resumeLine, timingLine } from '../../../src/log/lines.js';
import type { AccessRecord } from '../../../src/log/records.js';
import { assertGolden } from '../../support/golden.js';

const RECORD: AccessRecord = {
  timeMs: Date.parse('2026-06-13T11:18:55.354Z'),
  id: 'd5aafbe6c56c32ec',
  method: 'POST',
  path: '/api/v1/sessions',
  status: 200,
  durationMs: 1.97,
  tenant: undefined,
  aborted: false,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'd5aafbe6c56c32ec',
};

const RECORDS: readonly AccessRecord[] = [
  RECORD,
  { ...RECORD, tenant: 'acme', path: '/v1/größe', durationMs: 0 },
  { ...RECORD, tenant: 'a b=c"%', path: '/a b="c"\nts=forged', method: 'M-SEARCH' },
  { ...RECORD, status: 499, aborted: true, durationMs: 180_000.4 },
  { ...RECORD, id: 'my own id', status: 101 },
];

test('the access line is the documented one, to the letter', () => {
  assert.equal(
    accessLine(RECORD),
    'ts=2026-06-13T11:18:55.354+00:00 id=d5aafbe6c56c32ec method=POST path=/api/v1/sessions ' +
      'status=200 dur_ms=1 tenant=-\n',
  );
});

test('access lines as key=value', () => {
  assertGolden('access.kv.txt', RECORDS.map(accessLine).join(''));
});

test('access lines as JSON have the same fields, and the ids of the trace', () => {
  assertGolden('access.json.txt', RECORDS.map(accessJson).join(''));
});

test('the JSON access line says aborted where the client left, and nothing of it elsewhere', () => {
  const fields = [
    'ts',
    'id',
    'method',
    'path',
    'status',
    'dur_ms',
    'tenant',
    'trace_id',
    'span_id',
  ];
  const keys = (record: AccessRecord): string[] =>
    Object.keys(JSON.parse(accessJson(record)) as object);
  assert.deepEqual(keys(RECORD), fields);
  assert.deepEqual(keys({ ...RECORD, aborted: true }), [...fields, 'aborted']);
});

test('whatever a client sends, a key=value line has its seven fields and one line feed', () => {
  for (const hostile of ['\n', '\r\n', ' status=200 ', '"', '\0', '\u2028', 'a tenant=root', '']) {
    const line = accessLine({
      ...RECORD,
      path: hostile,
      method: hostile,
      id: hostile,
      tenant: hostile,
    });
    assert.match(
      line,
      /^ts=\S+ id=[^\s=]* method=[^\s=]* path=[^\s=]* status=200 dur_ms=1 tenant=[^\s=]*\n$/,
    );
  }
});

test('the timing line is the documented one: its keys in order, to two decimals', () => {
  const line = timingLine({
    timeMs: Date.parse('2025-01-15T10:30:00.000Z'),
    sessionId: 'a1b2c3d4-...',
    sandboxId: 'a1b2c3d4-...',
    lookupMs: 0.4199999,
    firstEventMs: 145.8,
    totalMs: 2340.4951,
    eventCount: 12,
  });
  assert.equal(
    line,
    '{"type":"timing","source":"server","sessionId":"a1b2c3d4-...","sandboxId":"a1b2c3d4-...",' +
      '"lookupMs":0.42,"firstEventMs":145.8,"totalMs":2340.5,"eventCount":12,' +
      '"timestamp":"2025-01-15T10:30:00.000Z"}\n',
  );
});

test('the resume line is the documented one, its keys in order', () => {
  const line = resumeLine({
    timeMs: Date.parse('2025-01-15T10:30:00.000Z'),
    path: 'warm',
    sessionId: 'a1b2c3d4-...',
    agentName: 'my-agent',
  });
  assert.equal(
    line,
    '{"type":"resume_hit","path":"warm","sessionId":"a1b2c3d4-...","agentName":"my-agent",' +
      '"ts":"2025-01-15T10:30:00.000Z"}\n',
  );
});

test('JSON lines stay one line whatever they hold', () => {
  const line = resumeLine({ timeMs: 0, path: 'warm', sessionId: 'a\nb"', agentName: '\ud800' });
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.equal((JSON.parse(line) as { sessionId: string }).sessionId, 'a\nb"');
  assert.ok(line.isWellFormed());
});
