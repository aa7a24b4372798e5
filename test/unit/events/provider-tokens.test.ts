import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provider } from '../../../src/events/provider.js';
import { startRuntime } from '../../support/runtime.js';
import { rowsOf } from '../../support/exposition.js';

const openai = { provider: 'openai', model: 'gpt' } as const;

test('tokens are measured by type, as often as they are reported', (t) => {
  const agent = startRuntime(t);
  const call = provider.start(openai);
  call.used({ inputTokens: 100 });
  call.used({ outputTokens: 0 });
  call.end();
  const snapshot = agent.ledger.tables.genAiTokenUsage.snapshot();
  const { values, sums } = snapshot;
  assert.deepEqual(rowsOf(snapshot), [
    ['chat', 'openai', 'gpt', 'input'],
    ['chat', 'openai', 'gpt', 'output'],
  ]);
  assert.deepEqual([...values], [1, 1]);
  assert.deepEqual([...sums], [100, 0]);
});

test('usage that nobody reported is unknown, never 0', (t) => {
  const agent = startRuntime(t);
  provider.start(openai).end();
  assert.equal(agent.ledger.tables.genAiTokenUsage.size, 0);
  assert.equal(agent.span('chat gpt').attributes['gen_ai.usage.output_tokens'], undefined);
});

for (const tokens of [-1, NaN, Infinity, '7' as unknown as number, null as unknown as number]) {
  test(`a usage of ${JSON.stringify(tokens)} (${String(tokens)}) tokens is no usage`, (t) => {
    const agent = startRuntime(t);
    const call = provider.start(openai);
    call.used({ inputTokens: tokens, outputTokens: tokens });
    call.end();
    assert.equal(agent.ledger.tables.genAiTokenUsage.size, 0);
  });
}
