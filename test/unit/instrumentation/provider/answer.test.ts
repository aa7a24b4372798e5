import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Answer } from '../../../../src/instrumentation/provider/answer.js';

/** The documents of an answer, and the tokens that they report. */
const USAGE: Readonly<
  Record<string, readonly [readonly unknown[], number | undefined, number | undefined]>
> = {
  'chat completions': [[{ usage: { prompt_tokens: 9, completion_tokens: 12 } }], 9, 12],
  'a server that reports both spellings': [
    [{ usage: { prompt_tokens: 9, input_tokens: 9, completion_tokens: 12, output_tokens: 12 } }],
    9,
    12,
  ],
  'embeddings, which have no output': [
    [{ usage: { prompt_tokens: 9, total_tokens: 9 } }],
    9,
    undefined,
  ],
  'responses events': [
    [
      { type: 'response.created', response: { usage: null } },
      { type: 'response.completed', response: { usage: { input_tokens: 9, output_tokens: 12 } } },
    ],
    9,
    12,
  ],
  'Anthropic, whose cached tokens are counted apart': [
    [
      {
        usage: {
          input_tokens: 4,
          cache_creation_input_tokens: 2,
          cache_read_input_tokens: 3,
          output_tokens: 12,
        },
      },
    ],
    9,
    12,
  ],
  'Anthropic events': [
    [
      { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } },
      { type: 'message_delta', delta: {}, usage: { output_tokens: 12 } },
    ],
    9,
    12,
  ],
  'Anthropic events that stop short': [
    [{ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }],
    9,
    undefined,
  ],
  'Gemini, whose thoughts are counted apart': [
    [[{ usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 10, thoughtsTokenCount: 2 } }]],
    9,
    12,
  ],
  Ollama: [[{ done: true, prompt_eval_count: 9, eval_count: 12 }], 9, 12],
  'Bedrock Converse': [
    [
      {
        usage: {
          inputTokens: 4,
          outputTokens: 12,
          cacheReadInputTokens: 3,
          cacheWriteInputTokens: 2,
        },
      },
    ],
    9,
    12,
  ],
  'Bedrock invocation metrics': [
    [{ 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9, outputTokenCount: 12 } }],
    9,
    12,
  ],
  'Cohere, which bills other tokens than it counts': [
    [
      {
        type: 'message-end',
        delta: {
          usage: {
            billed_units: { input_tokens: 9, output_tokens: 12 },
            tokens: { input_tokens: 70, output_tokens: 14 },
          },
        },
      },
    ],
    9,
    12,
  ],
  'nothing at all': [[{}, null, 7, 'text', { usage: 'none' }], undefined, undefined],
};

for (const [what, [documents, inputTokens, outputTokens]] of Object.entries(USAGE)) {
  test(`tokens of ${what}`, () => {
    const answer = new Answer();
    for (const document of documents) answer.add(document);
    assert.deepEqual(answer.usage, { inputTokens, outputTokens });
  });
}

test('reasons, ids and models are names, and a text in their place is none', () => {
  const answer = new Answer();
  answer.add({
    id: 'once upon a time',
    model: 'there was',
    choices: [{ finish_reason: 'a king.' }],
  });
  answer.add({ id: 'chatcmpl-1', model: 'org/gpt:x', choices: [{ finish_reason: 'stop' }] });
  assert.deepEqual(answer.facts, { id: 'chatcmpl-1', model: 'org/gpt:x', finishReasons: ['stop'] });
});

test('an answer knows when the provider said that nothing more comes', () => {
  for (const last of [{ type: 'message_stop' }, { type: 'response.completed' }, { done: true }]) {
    const answer = new Answer();
    answer.add({ type: 'ping' });
    assert.equal(answer.isFinished, false);
    answer.add(last);
    assert.equal(answer.isFinished, true);
  }
});

test('an error is found where providers put it', () => {
  const inside = { type: 'rate_limit_error' };
  for (const [document, error] of [
    [{ type: 'error', error: inside }, inside],
    [{ error: 'model not found' }, 'model not found'],
    [{ type: 'response.failed', response: { error: inside } }, inside],
    [[{ error: inside }], inside],
    [{ error: null }, undefined],
  ] as const) {
    const answer = new Answer();
    answer.add(document);
    assert.deepEqual(answer.error, error);
  }
});
