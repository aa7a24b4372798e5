import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitForAccessLines } from './support/access-lines.js';
import { requestId, send } from './support/client.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const parent = (flags: '00' | '01'): Record<string, string> => ({
  traceparent: `00-${TRACE_ID}-b7ad6b7169203331-${flags}`,
});

async function idsOf(
  host: Host,
  options: { requests: number; headers?: Record<string, string> },
): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < options.requests; i++) {
    ids.push(requestId(await send(`${host.url}/exec`, { headers: options.headers ?? {} })));
  }
  return ids;
}

const CASES: readonly {
  readonly name: string;
  readonly env: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly sampled: 'all' | 'none' | 'few';
}[] = [
  { name: 'always_off', env: { OTEL_TRACES_SAMPLER: 'always_off' }, sampled: 'none' },
  {
    name: 'always_off with a parent that is sampled',
    env: { OTEL_TRACES_SAMPLER: 'always_off' },
    headers: parent('01'),
    sampled: 'none',
  },
  {
    name: 'traceidratio of 0.01',
    env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
    sampled: 'few',
  },
  {
    name: 'parentbased_traceidratio of 0',
    env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    sampled: 'none',
  },
  {
    name: 'parentbased_traceidratio of 0 with a parent that is sampled',
    env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    headers: parent('01'),
    sampled: 'all',
  },
  { name: 'the default sampler', env: {}, sampled: 'all' },
  {
    name: 'the default sampler with a parent that is not sampled',
    env: {},
    headers: parent('00'),
    sampled: 'none',
  },
  {
    name: 'always_on with a parent that is not sampled',
    env: { OTEL_TRACES_SAMPLER: 'always_on' },
    headers: parent('00'),
    sampled: 'all',
  },
];

const REQUESTS = 30;

for (const { name, env, headers = {}, sampled } of CASES) {
  test(`every request has its id and its line, and only sampled spans leave: ${name}`, async (t) => {
    const receiver = await startOtlpReceiver(t);
    const host = await startHost(t, {
      args: [fixture('traced.js')],
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env },
    });
    const ids = await idsOf(host, { requests: REQUESTS, headers });
    assert.equal(new Set(ids).size, REQUESTS);
    for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
    const lines = await waitForAccessLines(host, REQUESTS);
    assert.deepEqual(
      lines.map(({ id }) => id),
      ids,
    );
    await host.stop();

    const spans = receiver.spans();
    for (const { flags } of spans) assert.equal(flags & 1, 1, 'what leaves is sampled');
    const served = spans.filter(({ kind }) => kind === 'SERVER').map(({ spanId }) => spanId);
    if (sampled === 'all') assert.deepEqual(served, ids);
    else if (sampled === 'none') assert.deepEqual(spans, []);
    else assert.ok(served.length <= 5, `${served.length} of ${REQUESTS}`);
    assert.equal(spans.length, served.length * 2, 'an execution goes with its request');
  });
}

for (const [what, headers, flags] of [
  ['a new root is not sampled', {}, 0],
  ["a remote parent's sampled flag is passed on", parent('01'), 1],
  ["a remote parent's clear flag is passed on", parent('00'), 0],
] as const) {
  test(`without a trace exporter ${what}`, async (t) => {
    const host = await startHost(t, { args: [fixture('traced.js')] });
    const answer = await send(`${host.url}/context`, { headers: { ...headers } });
    const seen = JSON.parse(answer.body) as { flags: number; carrier: { traceparent: string } };
    assert.equal(seen.flags, flags);
    const [, traceId, spanId, sentFlags] = seen.carrier.traceparent.split('-');
    assert.equal(spanId, requestId(answer), 'what the host calls has this request as its parent');
    assert.equal(sentFlags, `0${flags}`);
    if ('traceparent' in headers) assert.equal(traceId, TRACE_ID);
    assert.equal((await waitForAccessLines(host, 1))[0]?.id, requestId(answer));
  });
}

test('without a propagator an inbound traceparent starts a trace of its own', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_PROPAGATORS: 'none' },
  });
  const answer = await send(`${host.url}/context`, { headers: parent('01') });
  assert.deepEqual(JSON.parse(answer.body), { flags: 0, carrier: {} });
  assert.equal((await waitForAccessLines(host, 1))[0]?.id, requestId(answer));
});

test('baggage of the caller is passed on to what the host calls', async (t) => {
  const host = await startHost(t, { args: [fixture('traced.js')] });
  const answer = await send(`${host.url}/context`, {
    headers: { ...parent('01'), baggage: 'user=ann', tracestate: 'vendor=1' },
  });
  const { carrier } = JSON.parse(answer.body) as { carrier: Record<string, string> };
  assert.equal(carrier['baggage'], 'user=ann');
  assert.equal(carrier['tracestate'], 'vendor=1');
});
