import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { PRELOAD, ROOT } from '../support/paths.js';
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

/** A host whose breaker, of a package that is an ES module, opens at the first failure. */
const ES_MODULE_HOST = `
import http from 'node:http';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
const policy = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(1) });
const ask = async () => {
  const answer = await fetch(process.env.PROVIDER_URL + '/v1/chat/completions', { method: 'POST', body: '{"model":"m"}' });
  if (!answer.ok) throw new Error(await answer.text());
};
const server = http.createServer((request, response) => {
  policy.execute(ask).catch((error) => error.constructor.name).then((name) => response.end(JSON.stringify(name)));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

test('a breaker of an ES module that the very first call opens is seen', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'breaker-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  mkdirSync(path.join(directory, 'node_modules'));
  symlinkSync(
    path.join(ROOT, 'node_modules/cockatiel-4'),
    path.join(directory, 'node_modules/cockatiel'),
  );
  const script = path.join(directory, 'host.mjs');
  writeFileSync(script, ES_MODULE_HOST);
  const { run } = await startProviderHost(t, { args: [script] });
  const { result, counts } = await run('first', { plan: [broken] });
  assert.equal(result, 'Error');
  assert.deepEqual(counts, { openai: { calls: 1, '5xx': 1, circuit_open: 1 } });
});
