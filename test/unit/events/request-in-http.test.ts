import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trace } from '@opentelemetry/api';
import { request } from '../../../src/events/request.js';
import { exec } from '../../../src/events/exec.js';
import { startRuntime } from '../../support/runtime.js';
import { rowsOf } from '../../support/exposition.js';

const DONE = { status: 200, outcome: 'completed' } as const;

test('inside an HTTP request there is no second span: its server span has the attributes', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'orchestrate', tenant: '1' }).end();
  });
  assert.deepEqual(agent.spans(), []);
  incoming.end(DONE);
  const [span, ...others] = agent.spans();
  assert.equal(others.length, 0);
  assert.equal(span?.attributes['agent.route'], 'orchestrate');
  assert.equal(span.attributes['agent.tenant.id'], '1');
  assert.equal(span.attributes['agent.request.ok'], true);
});

test('a span of the host around a request stays the one that its work belongs to', (t) => {
  const agent = startRuntime(t);
  const tracing = agent.runtime.tracing();
  agent.incoming().handle(() => {
    const own = tracing.startSpan('host', {});
    tracing.with(trace.setSpan(tracing.active(), own), () => {
      request.run({ route: 'messages', tenant: '1' }, () => {
        assert.equal(trace.getSpan(tracing.active()), own);
      });
    });
  });
});

test('the tenant of the HTTP request is implied', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.identified({ tenant: 'acme' });
    request.start({ route: 'messages' }).end();
    request.rateLimited({ reason: 'rate_limit' });
  });
  assert.equal(agent.sample('arbiter_in_flight{tenant="acme"}'), 0);
  assert.equal(agent.sample('arbiter_rate_limited_total{tenant="acme",reason="rate_limit"}'), 1);
});

test('a tenant that an event names is the HTTP request’s from then on', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'messages', tenant: 'acme' }).end();
  });
  assert.equal(incoming.tenant, 'acme');
});

test('a request of nobody is counted under "-"', (t) => {
  const agent = startRuntime(t);
  request.start({ route: 'messages' });
  assert.equal(agent.sample('arbiter_in_flight{tenant="-"}'), 1);
});

test('a tenant without a name is nobody', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'messages', tenant: '' });
    request.start({ route: 'messages', tenant: null as unknown as string });
  });
  assert.equal(agent.sample('arbiter_in_flight{tenant="-"}'), 2);
});

test('a tenant of 10 kB is the same bounded value on the span and in the ledger', (t) => {
  const agent = startRuntime(t);
  const tenant = 'x'.repeat(10_000);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'messages', tenant }).end();
  });
  incoming.end(DONE);
  const [[counted] = []] = rowsOf(agent.ledger.tables.requestActive.snapshot());
  assert.equal(agent.spans()[0]?.attributes['agent.tenant.id'], counted);
});

test('a tenant given as a number by a JavaScript host names the span as well', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'messages', tenant: 7 as unknown as string }).end();
  });
  incoming.end(DONE);
  assert.equal(agent.spans()[0]?.attributes['agent.tenant.id'], '7');
});

test('a client that leaves ends the request, not ok, with nothing in flight', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  const admitted = incoming.handle(() => request.start({ route: 'messages', tenant: '1' }));
  agent.advance(5);
  incoming.end({ status: 200, outcome: 'aborted' });
  const labels = 'tenant="1",route="messages"';
  assert.equal(agent.sample('arbiter_in_flight{tenant="1"}'), 0);
  assert.equal(agent.sample(`arbiter_requests_completed_total{${labels},ok="false"}`), 1);
  assert.equal(agent.sample(`arbiter_request_duration_ms_sum{${labels}}`), 5);
  admitted.end({ ok: true });
  assert.equal(agent.sample(`arbiter_requests_completed_total{${labels},ok="true"}`), undefined);
  assert.deepEqual(agent.problems, []);
  assert.equal(agent.spans()[0]?.attributes['agent.request.ok'], false);
});

test('a client that leaves after the request has ended changes nothing', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.start({ route: 'messages', tenant: '1' }).end({ ok: true });
  });
  incoming.end({ status: 200, outcome: 'aborted' });
  const labels = 'tenant="1",route="messages"';
  assert.equal(agent.sample(`arbiter_requests_completed_total{${labels},ok="true"}`), 1);
  assert.equal(agent.sample(`arbiter_requests_completed_total{${labels},ok="false"}`), undefined);
});

test('a request that is admitted after its client has left does not stay in flight', (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  incoming.handle(() => {
    incoming.end({ status: undefined, outcome: 'aborted' });
    request.start({ route: 'messages', tenant: '1' });
  });
  assert.equal(agent.sample('arbiter_in_flight{tenant="1"}'), 0);
});

test('an execution inside request.run is a child of the server span', async (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  await incoming.handle(() =>
    request.run({ route: 'messages', tenant: '1' }, async () => {
      await Promise.resolve();
      exec.start().end('success');
    }),
  );
  const { spanId, traceId } = incoming.span.spanContext();
  assert.equal(agent.span('exec').parentSpanContext?.spanId, spanId);
  assert.equal(agent.span('exec').spanContext().traceId, traceId);
});
