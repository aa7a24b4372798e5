import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIds } from '../../../src/otel/ids.js';

test('ids are hex digits of the right length, and no two are alike', () => {
  const ids = createIds();
  const seen = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    const traceId = ids.generateTraceId();
    const spanId = ids.generateSpanId();
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.match(spanId, /^[0-9a-f]{16}$/);
    seen.add(traceId).add(spanId);
  }
  assert.equal(seen.size, 20_000);
});

test('a trace id that was drawn beforehand is given out once', () => {
  const ids = createIds();
  const traceId = ids.generateTraceId();
  ids.continueWith(traceId);
  assert.equal(ids.generateTraceId(), traceId);
  assert.notEqual(ids.generateTraceId(), traceId);
});
