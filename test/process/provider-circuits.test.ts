import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import test from 'node:test';
import { PRELOAD } from '../support/paths.js';
import { startPlainHost, startProviderHost } from './support/provider-host.js';

const broken = { status: 503 };

for (const way of ['--require', '--import'] as const) {
  test(`the circuit breakers of opossum and cockatiel are followed with ${way}`, async (t) => {
    const preload = way === '--require' ? PRELOAD : pathToFileURL(PRELOAD).href;
    const { run } = await startProviderHost(t, { nodeArgs: [way, preload] });

    const opossum = await run('opossum', { plan: [broken, broken] });
    assert.deepEqual(opossum.counts, {
      openai: { calls: 1, retries: 1, '5xx': 2, circuit_open: 2 },
    });

    const cockatiel = await run('cockatiel', { plan: [broken, broken] });
    assert.deepEqual(cockatiel.counts, {
      openai: { calls: 1, retries: 1, '5xx': 2, circuit_open: 1 },
    });
  });
}

test('a circuit breaker whose work calls no provider is nobody’s', async (t) => {
  const { run } = await startProviderHost(t);
  const { result, counts } = await run('breaker without a provider', { spans: 0 });
  assert.deepEqual([result, counts], [true, {}]);
});

test('a circuit breaker behaves as it does without the preload', async (t) => {
  const { run } = await startProviderHost(t);
  const plain = await startPlainHost(t);
  for (const scenario of ['opossum', 'cockatiel']) {
    const plan = [broken, broken, broken];
    const { result } = await run(scenario, { plan });
    assert.deepEqual(result, await plain(scenario, plan), scenario);
  }
});
