import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor } from '../support/wait.js';
import { startPlainHost, startProviderHost } from './support/provider-host.js';

/** A scenario that makes one good call, and what must be known of it. */
interface Good {
  readonly provider: 'openai' | 'anthropic' | 'gemini' | 'ollama';
  readonly result: unknown;
  readonly span: string;
  /** Input and output as the provider reported them; undefined is unknown. */
  readonly tokens: readonly [number | undefined, number | undefined];
  readonly isStream?: true;
}

const openai = { provider: 'openai', span: 'chat gpt-test', tokens: [9, 12] } as const;
const stream = { ...openai, isStream: true } as const;
/** This package makes the CLIENT span itself as soon as there is an SDK: ours joins it. */
const anthropic = {
  provider: 'anthropic',
  span: 'anthropic.messages.create',
  tokens: [9, 12],
} as const;
const gemini = {
  provider: 'gemini',
  span: 'generate_content gemini-test',
  tokens: [9, 12],
} as const;
const ollama = { provider: 'ollama', span: 'chat llama-test', tokens: [9, 12] } as const;

const CALLS: Readonly<Record<string, Good>> = {
  'openai chat': { ...openai, result: 'pong' },
  'openai chat stream': { ...stream, result: 23 },
  'openai chat stream without usage': { ...stream, result: 22, tokens: [undefined, undefined] },
  'openai withResponse': { ...openai, result: ['chatcmpl-1', 200, 'req_openai'] },
  'openai asResponse': { ...openai, result: 'chatcmpl-1' },
  'openai parse': { ...openai, result: { answer: 'pong' } },
  'openai toReadableStream': { ...stream, result: 23 },
  'openai stream helper': { ...stream, result: 21 },
  'openai responses': { ...openai, result: 'pong' },
  'openai responses stream': { ...stream, result: 12 },
  'openai embeddings': {
    ...openai,
    result: 1,
    span: 'embeddings embed-test',
    tokens: [9, undefined],
  },
  anthropic: { ...anthropic, result: 'pong' },
  'anthropic stream': { ...anthropic, isStream: true, result: 9 },
  'anthropic MessageStream': { ...anthropic, isStream: true, result: 12 },
  'anthropic withResponse': { ...anthropic, result: ['msg_1', 'req_anthropic'] },
  google: { ...gemini, result: 'pong' },
  'google stream': { ...gemini, isStream: true, result: 4 },
  'google embed': {
    ...gemini,
    result: 1,
    span: 'embeddings embed-test',
    tokens: [undefined, undefined],
  },
  'gemini array stream': { ...gemini, isStream: true, result: 4 },
  ollama: { ...ollama, result: 'pong' },
  'ollama stream': { ...ollama, isStream: true, result: 5 },
  'ollama generate': { ...ollama, result: 'pong', span: 'text_completion llama-test' },
  'ollama embed': {
    ...ollama,
    result: 1,
    span: 'embeddings llama-test',
    tokens: [9, undefined],
  },
  'ai openai': { ...openai, result: 'pong' },
  'ai openai responses': { ...openai, result: 'pong' },
  'ai openai stream': { ...stream, result: 80 },
  'ai anthropic': { ...anthropic, span: 'chat claude-test', result: 'pong' },
  'ai anthropic stream': {
    ...anthropic,
    span: 'chat claude-test',
    isStream: true,
    result: 16,
  },
  axios: { ...openai, result: 'chatcmpl-1' },
  'axios stream': { ...stream, result: 4527 },
  got: { ...openai, result: 'chatcmpl-1' },
  'got stream': { ...stream, result: 4527 },
  'node:http': { ...openai, result: 'chatcmpl-1' },
  'node:http unread': { ...openai, result: 0, tokens: [undefined, undefined] },
  fetch: { ...openai, result: 'chatcmpl-1' },
  'fetch unread': { ...openai, result: [200, false] },
  undici: { ...openai, result: 'chatcmpl-1' },
  'undici fetch stream': { ...stream, result: 4527 },
};

const REQUEST_IDS: Readonly<Record<string, string | undefined>> = {
  openai: 'req_openai',
  anthropic: 'req_anthropic',
};
const CANONICAL: Readonly<Record<string, string>> = { gemini: 'gcp.gemini' };

test('a call of any client is one call and one span, and its host sees what it would', async (t) => {
  const { run, receiver, server } = await startProviderHost(t);
  for (const [scenario, expected] of Object.entries(CALLS)) {
    await t.test(scenario, async () => {
      const { result, counts, spans } = await run(scenario);
      assert.deepEqual(result, expected.result);
      assert.deepEqual(counts, { [expected.provider]: { calls: 1 } });
      assert.equal(spans.length, 1);
      const { name, attributes, status } = spans[0] ?? assert.fail();
      assert.equal(name, expected.span);
      assert.notEqual(status, 'ERROR');
      const { provider, tokens, isStream } = expected;
      const known = {
        'gen_ai.provider.name': CANONICAL[provider] ?? provider,
        'gen_ai.usage.input_tokens': tokens[0],
        'gen_ai.usage.output_tokens': tokens[1],
        'gen_ai.request.stream': isStream,
        'agent.provider.attempts': 1,
        'agent.provider.request_id': REQUEST_IDS[provider],
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': Number(new URL(server.url).port),
      };
      for (const [key, value] of Object.entries(known)) {
        assert.deepEqual(attributes[key], value, key);
      }
    });
  }

  await t.test('nothing of what was asked and answered is in any signal', () => {
    assert.doesNotMatch(JSON.stringify(receiver.requests), /secret|pong/);
  });

  await t.test('nothing is added to what the provider is sent', () => {
    for (const { headers } of server.received) {
      assert.equal(headers['traceparent'], undefined);
      assert.equal(headers['baggage'], undefined);
    }
  });
});

test('the answer says its id, its model and why it ended', async (t) => {
  const { run } = await startProviderHost(t);
  const expected: Readonly<Record<string, readonly (string | undefined)[]>> = {
    'openai chat': ['chatcmpl-1', 'gpt-test-2026', 'stop'],
    'openai chat stream': ['chatcmpl-1', 'gpt-test-2026', 'stop'],
    'openai responses stream': ['resp_1', 'gpt-test-2026', undefined],
    anthropic: ['msg_1', 'claude-test-2026', 'end_turn'],
    'anthropic stream': ['msg_1', 'claude-test-2026', 'end_turn'],
    'google stream': ['gem_1', 'gemini-test-2026', 'STOP'],
    'ollama stream': [undefined, 'llama-test', 'stop'],
  };
  for (const [scenario, [id, model, reason]] of Object.entries(expected)) {
    const attributes = (await run(scenario)).spans[0]?.attributes ?? assert.fail();
    assert.equal(attributes['gen_ai.response.id'], id, scenario);
    assert.equal(attributes['gen_ai.response.model'], model, scenario);
    const reasons = attributes['gen_ai.response.finish_reasons'];
    assert.deepEqual(reasons, reason && [reason], scenario);
  }
});

test('requests to providers that run no model are left alone', async (t) => {
  const { run } = await startProviderHost(t);
  for (const scenario of ['openai models', 'openai files', 'ollama list', 'other posts']) {
    const { counts, spans } = await run(scenario, { spans: 0 });
    assert.deepEqual([counts, spans], [{}, []], scenario);
  }
});

test('the instruments of the conventions measure duration, tokens and the first chunk', async (t) => {
  const { run, receiver } = await startProviderHost(t);
  await run('openai chat');
  await run('openai chat stream');
  const names = [
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.client.token.usage',
  ];
  const points = await waitFor(() => {
    const last = receiver.lastPoints().filter(({ name }) => names.includes(name));
    return last.some(({ name, count }) => name === names[0] && count === 2) && last;
  });
  const measured = points.map(({ name, unit, attributes, count, sum }) => [
    name,
    unit,
    attributes['gen_ai.token.type'],
    count,
    name.endsWith('usage') ? sum : sum > 0,
  ]);
  assert.deepEqual(measured, [
    [names[0], 's', undefined, 2, true],
    [names[1], 's', undefined, 1, true],
    [names[2], '{token}', 'input', 2, 18],
    [names[2], '{token}', 'output', 2, 24],
  ]);
  for (const { attributes } of points) {
    assert.equal(attributes['gen_ai.operation.name'], 'chat');
    assert.equal(attributes['gen_ai.provider.name'], 'openai');
    assert.equal(attributes['gen_ai.request.model'], 'gpt-test');
  }
});

test('what a host sees is the same without the preload', async (t) => {
  const { run } = await startProviderHost(t);
  const plain = await startPlainHost(t);
  for (const scenario of Object.keys(CALLS)) {
    assert.deepEqual((await run(scenario)).result, await plain(scenario), scenario);
  }
});
