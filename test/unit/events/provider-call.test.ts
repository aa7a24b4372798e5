import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { provider } from '../../../src/events/provider.js';
import { session } from '../../../src/events/session.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';
import { rowsOf } from '../../support/exposition.js';

const openai = { provider: 'openai', model: 'gpt' } as const;

function failures({ sample }: TestRuntime): (number | undefined)[] {
  return ['5xx', '429'].map((family) =>
    sample(`arbiter_provider_${family}_total{provider="openai"}`),
  );
}

/** Operation, provider, model and error type of each measured call, with its milliseconds. */
function durations({ ledger }: TestRuntime): [string[], number | undefined][] {
  const snapshot = ledger.tables.genAiOperationDuration.snapshot();
  return rowsOf(snapshot).map((row, i) => [[...row], snapshot.sums[i]]);
}

test('the span of a call is a client span by the GenAI conventions', async (t) => {
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  await incoming.handle(() =>
    session.within('s1', () =>
      provider.call({ ...openai, provider: 'gemini' }, async (call) => {
        await Promise.resolve();
        call.used({ inputTokens: 10, outputTokens: 20 });
      }),
    ),
  );
  const span = agent.span('chat gpt');
  assert.equal(span.kind, SpanKind.CLIENT);
  assert.equal(span.parentSpanContext?.spanId, incoming.id);
  assert.deepEqual(span.attributes, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'gcp.gemini',
    'gen_ai.request.model': 'gpt',
    'gen_ai.conversation.id': 's1',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 20,
    'agent.provider.attempts': 1,
  });
});

test('a call without a model is named by its operation alone', (t) => {
  const agent = startRuntime(t);
  provider.start({ provider: 'ollama', operation: 'embeddings' }).end();
  assert.equal(agent.span('embeddings').attributes['gen_ai.request.model'], undefined);
});

test('the span of a failed call has the error type and no text of the error', async (t) => {
  const agent = startRuntime(t);
  const error = Object.assign(new Error('secret prompt'), { status: 503 });
  await assert.rejects(provider.call(openai, () => Promise.reject(error)));
  const { status, attributes, events } = agent.span('chat gpt');
  assert.deepEqual(status, { code: SpanStatusCode.ERROR });
  assert.equal(attributes['error.type'], '503');
  assert.doesNotMatch(JSON.stringify({ status, attributes, events }), /secret/);
});

test('a call is measured with its operation, provider, model and error type', async (t) => {
  const agent = startRuntime(t);
  const good = provider.start(openai);
  agent.advance(250);
  good.end();
  const bad = provider.start(openai);
  agent.advance(100);
  bad.end(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
  await provider.call({ provider: 'ollama' }, () => Promise.resolve());
  assert.deepEqual(durations(agent), [
    [['chat', 'openai', 'gpt', ''], 250],
    [['chat', 'openai', 'gpt', 'ECONNRESET'], 100],
    [['chat', 'ollama', '', ''], 0],
  ]);
});

test('an abort ends the call as aborted and is counted in neither documented family', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  provider.start({ ...openai, signal: controller.signal });
  controller.abort();
  assert.deepEqual(failures(agent), [0, 0]);
  assert.equal(agent.span('chat gpt').attributes['error.type'], 'aborted');
});

test('a deadline ends the call as timeout and is counted in neither documented family', (t) => {
  const agent = startRuntime(t);
  const controller = new AbortController();
  provider.start({ ...openai, signal: controller.signal });
  controller.abort(new DOMException('x', 'TimeoutError'));
  assert.deepEqual(failures(agent), [0, 0]);
  assert.equal(agent.span('chat gpt').attributes['error.type'], 'timeout');
});

test('a call whose signal fired before it began is over at once', (t) => {
  const agent = startRuntime(t);
  provider.start({ ...openai, signal: AbortSignal.abort() });
  assert.equal(agent.span('chat gpt').attributes['error.type'], 'aborted');
  assert.deepEqual(agent.problems, []);
});

for (const status of [400, 401, 404, 409, 422]) {
  test(`an answer ${status} is an error of the call and in neither documented family`, (t) => {
    const agent = startRuntime(t);
    const call = provider.start(openai);
    call.attempt(() => ({ status }));
    call.end(Object.assign(new Error('x'), { status }));
    assert.deepEqual(failures(agent), [0, 0]);
    const { providerErrors } = agent.ledger.tables;
    assert.deepEqual(rowsOf(providerErrors.snapshot()), [['openai', String(status)]]);
    assert.equal(providerErrors.get(0), 1);
  });
}

test('a second end is ignored and reported once', (t) => {
  const agent = startRuntime(t);
  const call = provider.start(openai);
  call.end();
  call.end(new Error('x'));
  call.end();
  assert.deepEqual(durations(agent), [[['chat', 'openai', 'gpt', ''], 0]]);
  assert.equal(agent.problems.length, 1);
});

test('what a host does with a call that it has ended is not counted, and is reported once', (t) => {
  const agent = startRuntime(t);
  const call = provider.start(openai);
  call.end();
  assert.equal(
    call.attempt(() => 42),
    42,
  );
  call.attemptFailed({ status: 503 });
  call.used({ inputTokens: 1 });
  assert.deepEqual(failures(agent), [0, 0]);
  assert.equal(agent.sample('arbiter_provider_retries_total{provider="openai"}'), 0);
  assert.equal(agent.ledger.tables.genAiTokenUsage.size, 0);
  assert.equal(agent.problems.length, 1);
});

test('provider.call keeps the end that its function has given', async (t) => {
  const agent = startRuntime(t);
  await provider.call(openai, async (call) => {
    call.end(Object.assign(new Error('x'), { status: 500 }));
    await Promise.resolve();
  });
  assert.equal(agent.span('chat gpt').attributes['error.type'], '500');
  assert.deepEqual(failures(agent), [1, 0]);
  assert.deepEqual(agent.problems, []);
});
