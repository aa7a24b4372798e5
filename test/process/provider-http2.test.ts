import assert from 'node:assert/strict';
import test from 'node:test';
import type { Plan } from '../fixtures/providers/server.js';
import { startProviderHost } from './support/provider-host.js';
import { waitFor } from '../support/wait.js';

const CALLS: Readonly<Record<string, { result: unknown; isStream?: true }>> = {
  'bedrock converse': { result: 'pong' },
  'bedrock converse stream': { result: 8, isStream: true },
  'bedrock invoke': { result: 42 },
  'bedrock invoke stream': { result: 5, isStream: true },
};

test('a call of AWS’s package over HTTP/2 is one call with its tokens', async (t) => {
  const { run, receiver, server } = await startProviderHost(t, { over: 'http2' });
  for (const [scenario, expected] of Object.entries(CALLS)) {
    await t.test(scenario, async () => {
      const { result, spans } = await run(scenario);
      assert.deepEqual(result, expected.result);
      assert.equal(spans.length, 1);
      const { name, attributes, status } = spans[0] ?? assert.fail();
      assert.equal(name, 'chat titan-test');
      assert.notEqual(status, 'ERROR');
      const known = {
        'gen_ai.provider.name': 'aws.bedrock',
        'gen_ai.usage.input_tokens': 9,
        'gen_ai.usage.output_tokens': 12,
        'gen_ai.request.stream': expected.isStream,
        'agent.provider.attempts': 1,
        'agent.provider.request_id': 'req_bedrock',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(server.url).port),
      };
      for (const [key, value] of Object.entries(known)) {
        assert.deepEqual(attributes[key], value, key);
      }
      const first = attributes['gen_ai.response.time_to_first_chunk'];
      assert.equal(typeof first === 'number', expected.isStream === true);
    });
  }

  await t.test('retries are told by the number that AWS’s packages send', async () => {
    const failures: Plan[] = [{ status: 503 }, { status: 429 }];
    const { result, spans } = await run('bedrock converse', { plan: failures });
    assert.equal(result, 'pong');
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['agent.provider.attempts']),
      [3],
    );
    const errors = (): unknown[] =>
      receiver
        .lastPoints()
        .filter(({ name }) => name === 'agent.provider.errors')
        .map(({ attributes }) => attributes['error.type']);
    // Metrics are sent at their own interval, and may come after the span.
    await waitFor(() => errors().length >= 2, { what: 'both errors' });
    assert.deepEqual(errors().sort(), ['429', '503']);
  });

  await t.test('an answer that its reader gives up is a call that was aborted', async () => {
    server.plan.push({ stalls: true });
    const { result, spans } = await run('bedrock aborted');
    assert.ok(result === 'aborted' || result === true);
    assert.equal(spans[0]?.attributes['error.type'], 'aborted');
    assert.equal(spans[0].attributes['gen_ai.usage.output_tokens'], undefined);
  });

  await t.test('nothing of what was asked and answered is in any signal', () => {
    assert.doesNotMatch(JSON.stringify(receiver.requests), /secret|pong/);
    assert.ok(server.received.every(({ headers }) => headers['traceparent'] === undefined));
  });
});

interface Ending {
  readonly plan?: readonly Plan[];
  readonly error: string | undefined;
  readonly counts?: object;
}

const broken = { openai: { calls: 1, '5xx': 1 } };
const ENDINGS: Readonly<Record<string, Ending>> = {
  'http2 stream': { error: undefined },
  'http2 closed': { error: 'aborted' },
  'http2 destroyed': { error: 'aborted' },
  'http2 session destroyed': { error: 'aborted' },
  'http2 timeout': { plan: [{ hangs: true }], error: 'timeout' },
  'http2 cut': { plan: [{ cut: 'midway' }], error: 'ERR_HTTP2_STREAM_ERROR', counts: broken },
  'http2 refused': { error: 'ECONNREFUSED', counts: broken },
};

test('a stream of HTTP/2 is told by how it ends', async (t) => {
  const { run, host } = await startProviderHost(t, { over: 'http2' });
  for (const [scenario, { plan, error, counts = { openai: { calls: 1 } } }] of Object.entries(
    ENDINGS,
  )) {
    await t.test(scenario, async () => {
      const outcome = await run(scenario, { ...(plan && { plan }) });
      assert.deepEqual(outcome.counts, counts);
      assert.equal(outcome.spans.length, 1);
      assert.equal(outcome.spans[0]?.attributes['error.type'], error);
      assert.equal(outcome.spans[0]?.attributes['gen_ai.request.model'], 'gpt-test');
    });
  }
  const { counts, spans } = await run('http2 models', { spans: 0 });
  assert.deepEqual([counts, spans], [{}, []]);
  assert.doesNotMatch(host.stderr(), /could not/);
});
