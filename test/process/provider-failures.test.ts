import assert from 'node:assert/strict';
import test from 'node:test';
import type { Plan } from '../fixtures/providers/server.js';
import { startProviderHost, type Counts } from './support/provider-host.js';

interface Failing {
  /** Its key, or this scenario under another name. */
  readonly scenario?: string;
  readonly plan: readonly Plan[];
  readonly counts: Readonly<Record<string, Counts>>;
  /** Attempts of each span. */
  readonly attempts?: readonly number[];
  /** `error.type` of the last span; null is none. */
  readonly error?: string | null;
  readonly result?: unknown;
}

const soon = { 'retry-after-ms': '1' };
const limited: Plan = { status: 429, headers: soon };
const broken: Plan = { status: 503, headers: soon };
const good: Plan = {};
const overloaded =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude-test","usage":{"input_tokens":4,"output_tokens":1}}}\n\n' +
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
const limitedMidway = overloaded.replace('overloaded_error', 'rate_limit_error');

const CASES: Readonly<Record<string, Failing>> = {
  'the retries of the OpenAI package': {
    scenario: 'openai chat',
    plan: [limited, broken, good],
    counts: { openai: { calls: 1, retries: 2, '5xx': 1, '429': 1 } },
    attempts: [3],
    error: null,
    result: 'pong',
  },
  'the retries of the Anthropic package': {
    scenario: 'anthropic',
    plan: [{ status: 529, headers: soon }, limited, good],
    counts: { anthropic: { calls: 1, retries: 2, '5xx': 1, '429': 1 } },
    attempts: [3],
    error: null,
    result: 'pong',
  },
  'retries that are used up': {
    scenario: 'openai last resort',
    plan: [broken, broken, { status: 500 }],
    counts: { openai: { calls: 1, retries: 2, '5xx': 3 } },
    attempts: [3],
    error: '500',
    result: 500,
  },
  'a retry after a broken connection': {
    scenario: 'openai chat',
    plan: [{ cut: 'before' }, good],
    counts: { openai: { calls: 1, retries: 1, '5xx': 1 } },
    attempts: [2],
    error: null,
  },
  'an attempt that its client called off as too slow': {
    scenario: 'openai timeout',
    plan: [{ hangs: true }, good],
    counts: { openai: { calls: 1, retries: 1 } },
    attempts: [2],
    error: null,
    result: 'chatcmpl-1',
  },
  'a loop of the host’s own around Google’s package': {
    scenario: 'google twice',
    plan: [{ status: 503 }, good],
    counts: { gemini: { calls: 1, retries: 1, '5xx': 1 } },
    attempts: [2],
    error: null,
  },
  'the retries of the AI SDK': {
    scenario: 'ai openai',
    plan: [limited, good],
    counts: { openai: { calls: 1, retries: 1, '429': 1 } },
    attempts: [2],
    error: null,
    result: 'pong',
  },
  'a loop around fetch': {
    scenario: 'fetch loop',
    plan: [{ status: 500 }, { cut: 'before' }, good],
    counts: { openai: { calls: 1, retries: 2, '5xx': 2 } },
    attempts: [3],
    error: null,
    result: 200,
  },
  'a loop around a connection that is refused': {
    scenario: 'refused loop',
    plan: [],
    counts: { openai: { calls: 1, retries: 1, '5xx': 2 } },
    attempts: [2],
    error: 'ECONNREFUSED',
  },
  'a loop around got': {
    scenario: 'got loop',
    plan: [{ status: 503 }, good],
    counts: { openai: { calls: 1, retries: 1, '5xx': 1 } },
    attempts: [2],
    error: null,
  },
  'the same again after a good answer is no retry': {
    scenario: 'fetch the same again',
    plan: [],
    counts: { openai: { calls: 2 } },
    attempts: [1, 1],
  },
  'the same again after an answer 400 is no retry': {
    scenario: 'fetch the same again',
    plan: [{ status: 400 }, good],
    counts: { openai: { calls: 2 } },
    attempts: [1, 1],
  },
  'something else after a failure is no retry': {
    scenario: 'fetch another',
    plan: [{ status: 503 }, good],
    counts: { openai: { calls: 2, '5xx': 1 } },
    attempts: [1, 1],
  },
  'two calls of one body, of which one fails and is tried again': {
    scenario: 'fetch both at once',
    plan: [{ status: 503 }, { status: 503 }, good, good],
    counts: { openai: { calls: 2, retries: 2, '5xx': 2 } },
    attempts: [2, 2],
    error: null,
  },
  'an answer 400': {
    scenario: 'openai without retries',
    plan: [{ status: 400 }],
    counts: { openai: { calls: 1 } },
    error: '400',
    result: 400,
  },
  'a rate limit that only the body names': {
    scenario: 'openai without retries',
    plan: [{ status: 400, body: { error: { type: 'rate_limit_error' } } }],
    counts: { openai: { calls: 1, '429': 1 } },
    error: '429',
  },
  'exhausted resources': {
    scenario: 'google once',
    plan: [{ status: 503, body: { error: { code: 503, status: 'RESOURCE_EXHAUSTED' } } }],
    counts: { gemini: { calls: 1, '429': 1 } },
    error: '429',
  },
  'a failure inside a stream that began well': {
    scenario: 'anthropic fetch stream',
    plan: [{ events: overloaded }],
    counts: { anthropic: { calls: 1, '5xx': 1 } },
    error: '529',
  },
  'a failure inside a stream of the Anthropic package': {
    scenario: 'anthropic failing stream',
    plan: [{ events: overloaded }],
    counts: { anthropic: { calls: 1, '5xx': 1 } },
    result: 'failed',
  },
  'a rate limit inside a stream that began well': {
    scenario: 'anthropic failing stream',
    plan: [{ events: limitedMidway }],
    counts: { anthropic: { calls: 1, '429': 1 } },
    result: 'failed',
  },
  'a stream that the provider cuts': {
    scenario: 'fetch cut',
    plan: [{ cut: 'midway' }],
    counts: { openai: { calls: 1, '5xx': 1 } },
    error: 'UND_ERR_SOCKET',
    result: 'terminated',
  },
  'a stream that the provider cuts, through axios': {
    scenario: 'axios cut',
    plan: [{ cut: 'midway' }],
    counts: { openai: { calls: 1, '5xx': 1 } },
    error: 'ECONNRESET',
    result: 'aborted',
  },
};

test('calls, retries and failures are counted an attempt at a time', async (t) => {
  const { run } = await startProviderHost(t);
  for (const [what, expected] of Object.entries(CASES)) {
    await t.test(what, async () => {
      const { scenario = what, plan, attempts = [1] } = expected;
      const { result, counts, spans } = await run(scenario, { plan, spans: attempts.length });
      assert.deepEqual(counts, expected.counts);
      assert.deepEqual(
        spans.map(({ attributes }) => attributes['agent.provider.attempts']),
        attempts,
      );
      if (expected.result !== undefined) assert.deepEqual(result, expected.result);
      if (expected.error === undefined) return;
      const { attributes, status } = spans.at(-1) ?? assert.fail();
      assert.equal(attributes['error.type'] ?? null, expected.error);
      assert.equal(status === 'ERROR', expected.error !== null);
    });
  }
});

test('a stream that its reader drops is a call; what was not reported is unknown', async (t) => {
  const { run } = await startProviderHost(t);
  const dropped: Readonly<Record<string, readonly [string, number | undefined]>> = {
    'openai dropped stream': ['openai', undefined],
    'openai aborted': ['openai', undefined],
    'axios aborted': ['openai', undefined],
    'node:http dropped': ['openai', undefined],
    // Anthropic reports the input when the stream begins.
    'anthropic fetch dropped': ['anthropic', 9],
  };
  for (const [scenario, [provider, input]] of Object.entries(dropped)) {
    await t.test(scenario, async () => {
      const { counts, spans } = await run(scenario, { plan: [{ stalls: true }] });
      assert.deepEqual(counts, { [provider]: { calls: 1 } });
      const attributes = spans[0]?.attributes ?? assert.fail();
      assert.equal(attributes['error.type'], 'aborted');
      assert.equal(attributes['gen_ai.usage.input_tokens'], input);
      assert.equal(attributes['gen_ai.usage.output_tokens'], undefined);
    });
  }
});

test('a stream of the Anthropic package that its reader drops is a call', async (t) => {
  const { run } = await startProviderHost(t);
  const { counts, spans } = await run('anthropic dropped stream');
  assert.deepEqual(counts, { anthropic: { calls: 1 } });
  assert.equal(spans.length, 1);
});

test('tokens are read from compressed answers', async (t) => {
  const { run } = await startProviderHost(t);
  for (const encoding of ['gzip', 'br', 'deflate'] as const) {
    for (const scenario of ['openai chat', 'openai chat stream', 'axios', 'got']) {
      const { spans } = await run(scenario, { plan: [{ encoding }] });
      const attributes = spans[0]?.attributes ?? assert.fail();
      assert.equal(attributes['gen_ai.usage.input_tokens'], 9, `${scenario} ${encoding}`);
      assert.equal(attributes['gen_ai.usage.output_tokens'], 12, `${scenario} ${encoding}`);
    }
  }
});

test('a failed call that waits for a retry is over when its server request is', async (t) => {
  const { run } = await startProviderHost(t);
  const began = Date.now();
  await run('openai without retries', { plan: [{ status: 503 }] });
  // And not when the minute is that a retry may take.
  assert.ok(Date.now() - began < 30_000);
});
