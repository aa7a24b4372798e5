import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { RequestContext, SERVER_REQUEST } from '../../../src/events/request-context.js';

const KEY = createContextKey('test');
const outer = ROOT_CONTEXT.setValue(KEY, 'outer');
const span = trace.wrapSpanContext({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  traceFlags: 0,
});
const metadata = { type: 'http' as const, span };
const request = {};
const context = new RequestContext(outer, { span, metadata, request });

test('the API finds the span of a request, and its instrumentations the RPC metadata', () => {
  assert.equal(trace.getSpan(context), span);
  assert.equal(getRPCMetadata(context), metadata);
  assert.equal(context.getValue(SERVER_REQUEST), request);
  assert.equal(context.getValue(KEY), 'outer');
});

test('who adds to it or takes from it gets a context of its own', () => {
  const inner = context.setValue(KEY, 'inner');
  assert.equal(inner.getValue(KEY), 'inner');
  assert.equal(context.getValue(KEY), 'outer');
  for (const derived of [inner, context.deleteValue(KEY)]) {
    assert.equal(trace.getSpan(derived), span);
    assert.equal(getRPCMetadata(derived), metadata);
    assert.equal(derived.getValue(SERVER_REQUEST), request);
  }
  assert.equal(context.deleteValue(KEY).getValue(KEY), undefined);
  assert.equal(trace.getSpan(trace.deleteSpan(context)), undefined);
  assert.equal(trace.getSpan(context), span);
});
