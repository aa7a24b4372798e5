import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { request } from '../../../src/events/request.js';
import type { Route } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

const ONE = 'tenant="1",route="messages"';

/** Started, completed ok, completed not ok, and in flight, of tenant 1 on one route. */
function flow({ sample }: TestRuntime): (number | undefined)[] {
  return [
    `arbiter_requests_started_total{${ONE}}`,
    `arbiter_requests_completed_total{${ONE},ok="true"}`,
    `arbiter_requests_completed_total{${ONE},ok="false"}`,
    'arbiter_in_flight{tenant="1"}',
  ].map(sample);
}

const options = { route: 'messages', tenant: '1' } as const;

test('a request is started and in flight once it is admitted, and completes once', (t) => {
  const agent = startRuntime(t);
  const admitted = request.start(options);
  assert.deepEqual(flow(agent), [1, undefined, undefined, 1]);
  agent.advance(33.7);
  admitted.end({ ok: true });
  assert.deepEqual(flow(agent), [1, 1, undefined, 0]);
  assert.equal(agent.sample(`arbiter_request_duration_ms_sum{${ONE}}`), 33);
});

test('a request completes as its done event reported: ok="false" when that said so', (t) => {
  const agent = startRuntime(t);
  request.start(options).end({ ok: false });
  assert.deepEqual(flow(agent), [1, undefined, 1, 0]);
});

test('a request that ends without a report has ended well', (t) => {
  const agent = startRuntime(t);
  request.start(options).end();
  assert.deepEqual(flow(agent), [1, 1, undefined, 0]);
});

test('the duration sum holds well and badly ended requests alike', (t) => {
  const agent = startRuntime(t);
  for (const ok of [true, false]) {
    const admitted = request.start(options);
    agent.advance(10.5);
    admitted.end({ ok });
  }
  assert.equal(agent.sample(`arbiter_request_duration_ms_sum{${ONE}}`), 21);
});

for (const route of ['orchestrate', 'messages', 'agent_chat'] as const) {
  test(`a request to ${route} is counted on that route`, (t) => {
    const agent = startRuntime(t);
    request.start({ route, tenant: '7' });
    assert.equal(agent.sample(`arbiter_requests_started_total{tenant="7",route="${route}"}`), 1);
  });
}

const ENDINGS: readonly [string, () => unknown, number, number][] = [
  ['returns', () => 1, 1, 0],
  ['resolves', () => Promise.resolve(), 1, 0],
  [
    'throws',
    () => {
      throw new Error('x');
    },
    0,
    1,
  ],
  ['rejects', () => Promise.reject(new Error('x')), 0, 1],
];

for (const [how, fn, ok, failed] of ENDINGS) {
  test(`request.run of a function that ${how} ends by itself`, async (t) => {
    const agent = startRuntime(t);
    await new Promise((resolve) => {
      resolve(request.run(options, fn));
    }).catch(() => undefined);
    assert.deepEqual(flow(agent), [1, ok === 0 ? undefined : 1, failed === 0 ? undefined : 1, 0]);
  });
}

test('request.run keeps what its function reported', async (t) => {
  const agent = startRuntime(t);
  await request.run(options, async (admitted) => {
    await Promise.resolve();
    admitted.end({ ok: false });
  });
  assert.deepEqual(flow(agent), [1, undefined, 1, 0]);
  assert.deepEqual(agent.problems, []);
});

test('an abort completes the request with ok="false"', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  request.start({ ...options, signal: controller.signal });
  controller.abort();
  assert.deepEqual(flow(agent), [1, undefined, 1, 0]);
});

test('a request whose signal fired before it began is over at once, not ok', (t) => {
  const agent = startRuntime(t);
  request.start({ ...options, signal: AbortSignal.abort() });
  assert.deepEqual(flow(agent), [1, undefined, 1, 0]);
  assert.deepEqual(agent.problems, []);
});

test('a second end is ignored and reported once', (t) => {
  const agent = startRuntime(t);
  const admitted = request.start(options);
  admitted.end({ ok: true });
  admitted.end({ ok: false });
  admitted.end({ ok: false });
  assert.deepEqual(flow(agent), [1, 1, undefined, 0]);
  assert.equal(agent.problems.length, 1);
});

test('a request to an undocumented route is reported and moves nothing', (t) => {
  const agent = startRuntime(t);
  request.start({ route: 'admin' as Route, tenant: '1' }).end();
  assert.equal(agent.ledger.tables.requestStarted.size, 0);
  assert.equal(agent.ledger.tables.requestActive.size, 0);
  assert.match(agent.problems[0] ?? '', /admin/);
});

test('a request outside HTTP has a span of its own with route, tenant and outcome', (t) => {
  const agent = startRuntime(t);
  request.start(options).end({ ok: false });
  const span = agent.span('request');
  assert.equal(span.kind, SpanKind.INTERNAL);
  assert.deepEqual(span.attributes, {
    'agent.route': 'messages',
    'agent.tenant.id': '1',
    'agent.request.ok': false,
  });
});
