import assert from 'node:assert/strict';
import { test } from 'node:test';
import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { getRPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';
import { currentServerRequest } from '../../../src/events/server-request.js';
import { request } from '../../../src/events/request.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';
import { rowsOf } from '../../support/exposition.js';

const DONE = { status: 200, outcome: 'completed' } as const;

/** The measurements of http.server.request.duration, by their attribute values. */
function measured({ ledger }: TestRuntime): [string[], number | undefined][] {
  const snapshot = ledger.tables.httpServerDuration.snapshot();
  return rowsOf(snapshot).map((row, i) => [[...row], snapshot.values[i]]);
}

test('the request id is the span id: 16 hex digits', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  assert.match(incoming.id, /^[0-9a-f]{16}$/);
  assert.equal(incoming.id, incoming.span.spanContext().spanId);
});

test('an inbound traceparent is honoured', (t) => {
  const agent = startRuntime(t);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  agent.incoming({ headers }).end(DONE);
  const [span] = agent.spans();
  assert.equal(span?.spanContext().traceId, traceId);
  assert.equal(span.parentSpanContext?.spanId, 'b7ad6b7169203331');
  assert.equal(span.kind, SpanKind.SERVER);
});

test('the server span has the status, and is an error from 500 on', (t) => {
  for (const [status, code] of [
    [200, SpanStatusCode.UNSET],
    [404, SpanStatusCode.UNSET],
    [500, SpanStatusCode.ERROR],
    [503, SpanStatusCode.ERROR],
  ] as const) {
    const agent = startRuntime(t);
    agent.incoming().end({ status, outcome: 'completed' });
    const [span] = agent.spans();
    assert.equal(span?.attributes['http.response.status_code'], status);
    assert.deepEqual(span.status, { code });
    assert.equal(span.attributes['error.type'], status >= 500 ? String(status) : undefined);
  }
});

test('a client that left before any status was sent leaves none on the span', (t) => {
  const agent = startRuntime(t);
  agent.incoming().end({ status: undefined, outcome: 'aborted' });
  const [span] = agent.spans();
  assert.equal(span?.attributes['http.response.status_code'], undefined);
  assert.equal(span?.attributes['agent.request.aborted'], true);
});

test('a request is measured once, by method, scheme, route and status, without tenant', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.identified({ tenant: 'acme' });
  });
  agent.advance(8);
  incoming.end(DONE);
  incoming.end(DONE);
  assert.deepEqual(measured(agent), [[['POST', 'http', '', '200', ''], 1]]);
  assert.equal(agent.ledger.tables.httpServerDuration.snapshot().sums[0], 8);
  assert.equal(agent.spans().length, 1);
});

test('a framework names the route through the RPC metadata of the context', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    const metadata = getRPCMetadata(agent.runtime.tracing().active());
    assert.equal(metadata?.span, incoming.span);
    metadata.route = '/v1/sessions/:id';
  });
  incoming.end(DONE);
  assert.equal(agent.span('POST /v1/sessions/:id').attributes['http.route'], '/v1/sessions/:id');
  assert.deepEqual(measured(agent), [[['POST', 'http', '/v1/sessions/:id', '200', ''], 1]]);
});

test('a method that the conventions do not know names the span HTTP', (t) => {
  const agent = startRuntime(t);
  agent.incoming({ method: '_OTHER' }).end(DONE);
  assert.ok(agent.span('HTTP'));
});

test('a request id of the host is kept beside the id of the span', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.answerAs('my-own-id');
  incoming.end(DONE);
  const [span] = agent.spans();
  assert.equal(span?.attributes['agent.request.id'], 'my-own-id');
  assert.equal(span.spanContext().spanId, incoming.id);
});

test('the current request is found inside its handler alone, across awaits', async (t) => {
  const { runtime, incoming } = startRuntime(t);
  const one = incoming();
  const two = incoming();
  const found = await Promise.all(
    [one, two].map((each) =>
      each.handle(async () => {
        await new Promise(setImmediate);
        return currentServerRequest(runtime);
      }),
    ),
  );
  assert.deepEqual(
    found.map((each) => each?.id),
    [one.id, two.id],
  );
  assert.equal(currentServerRequest(runtime), undefined);
});

test('a request that a host’s instrumentation has begun gets no second span', (t) => {
  const agent = startRuntime(t);
  const tracing = agent.runtime.tracing();
  const theirs = tracing.startSpan('GET', { kind: SpanKind.SERVER });
  const metadata = { type: RPCType.HTTP, span: theirs } as const;
  tracing.with(setRPCMetadata(tracing.active(), metadata), () => {
    const incoming = agent.incoming();
    assert.equal(incoming.id, theirs.spanContext().spanId);
    incoming.end(DONE);
  });
  assert.deepEqual(agent.spans(), []);
  theirs.end();
  assert.equal(agent.span('GET').attributes['http.response.status_code'], 200);
});

test('a request to a server that was made inside another request has a span of its own', (t) => {
  const agent = startRuntime(t);
  const outer = agent.incoming();
  outer.handle(() => {
    const inner = agent.incoming();
    assert.notEqual(inner.id, outer.id);
    inner.end(DONE);
  });
  assert.equal(agent.spans().length, 1);
});

test('who asks to be told of an abort can take that back', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  const told: string[] = [];
  incoming.onAbort(() => told.push('kept'));
  incoming.onAbort(() => told.push('undone'))();
  incoming.end({ status: 200, outcome: 'aborted' });
  assert.deepEqual(told, ['kept']);
});

test('events outside of any request change no global context', (t) => {
  startRuntime(t);
  const before = context.active();
  request.identified({ tenant: 'nobody' });
  assert.equal(context.active(), before);
});
