import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provider } from '../../../src/events/provider.js';
import { PROVIDERS } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';
import { rowsOf } from '../../support/exposition.js';

/** Calls, retries, 5xx and 429 of OpenAI as arbiter's document counts them. */
function health({ sample }: TestRuntime, name = 'openai'): (number | undefined)[] {
  return ['calls', 'retries', '5xx', '429'].map((family) =>
    sample(`arbiter_provider_${family}_total{provider="${name}"}`),
  );
}

const openai = { provider: 'openai', model: 'm' } as const;

for (const name of PROVIDERS) {
  test(`a call to ${name} is counted under its documented name`, async (t) => {
    const agent = startRuntime(t);
    await provider.call({ provider: name }, () => Promise.resolve());
    for (const other of PROVIDERS) {
      assert.deepEqual(health(agent, other), [other === name ? 1 : 0, 0, 0, 0]);
    }
  });
}

test('the conventions’ name of Gemini is counted as gemini', (t) => {
  const agent = startRuntime(t);
  provider.start({ provider: 'gcp.gemini' }).end();
  assert.deepEqual(health(agent, 'gemini'), [1, 0, 0, 0]);
});

test('another provider is on the canonical instruments and never in the documented text', (t) => {
  const agent = startRuntime(t);
  provider.start({ provider: 'mistral_ai' }).end();
  for (const name of PROVIDERS) assert.deepEqual(health(agent, name), [0, 0, 0, 0]);
  assert.equal(agent.sample('arbiter_provider_calls_total{provider="mistral_ai"}'), undefined);
  assert.deepEqual(rowsOf(agent.ledger.tables.providerCalls.snapshot()), [['mistral_ai']]);
});

test('a call is counted once however many attempts it takes; the others are retries', async (t) => {
  const agent = startRuntime(t);
  const statuses = [503, 429, 200];
  await provider.call(openai, async (call) => {
    for (const status of statuses) await call.attempt(() => Promise.resolve({ status }));
  });
  assert.deepEqual(health(agent), [1, 2, 1, 1]);
  assert.equal(agent.span('chat m').attributes['agent.provider.attempts'], 3);
});

test('provider.attempt reports an attempt of the call that the context is in', async (t) => {
  const agent = startRuntime(t);
  await provider.call(openai, async () => {
    await provider.attempt(() => Promise.resolve({ status: 500 }));
    await new Promise(setImmediate);
    await provider.attempt(() => Promise.resolve({ status: 200 }));
  });
  assert.deepEqual(health(agent), [1, 1, 1, 0]);
});

test('provider.attempt outside of a call just calls its function', (t) => {
  const agent = startRuntime(t);
  assert.equal(
    provider.attempt(() => 42),
    42,
  );
  assert.deepEqual(health(agent), [0, 0, 0, 0]);
});

test('an attempt fails once: the error of an SDK after a 503 tells of the same attempt', async (t) => {
  const agent = startRuntime(t);
  class InternalServerError extends Error {
    readonly status = 503;
  }
  await assert.rejects(
    provider.call(openai, async (call) => {
      await call.attempt(() => Promise.resolve({ status: 503 }));
      call.attemptFailed({ status: 503 });
      throw new InternalServerError();
    }),
  );
  assert.deepEqual(health(agent), [1, 0, 1, 0]);
});

test('each of two failing attempts is a failure', async (t) => {
  const agent = startRuntime(t);
  const reset = Object.assign(new Error('x'), { code: 'ECONNRESET' });
  await assert.rejects(
    provider.call(openai, async (call) => {
      await call.attempt(() => Promise.reject(reset)).catch(() => undefined);
      await call.attempt(() => Promise.reject(reset));
    }),
  );
  assert.deepEqual(health(agent), [1, 1, 2, 0]);
});

test('a call whose attempts are not reported is one attempt', async (t) => {
  const agent = startRuntime(t);
  await assert.rejects(
    provider.call(openai, () => Promise.reject(Object.assign(new Error('x'), { status: 502 }))),
  );
  assert.deepEqual(health(agent), [1, 0, 1, 0]);
  assert.equal(agent.span('chat m').attributes['agent.provider.attempts'], 1);
});

test('an error of the host’s own after a good attempt is no failure of the provider', async (t) => {
  const agent = startRuntime(t);
  class ToolError extends Error {
    readonly code = 'TOOL_NOT_ALLOWED';
  }
  await assert.rejects(
    provider.call(openai, async (call) => {
      await call.attempt(() => Promise.resolve({ status: 200 }));
      throw new ToolError();
    }),
  );
  assert.deepEqual(health(agent), [1, 0, 0, 0]);
});

test('an attempt that is an error in the body of a good status is reported by the host', (t) => {
  const agent = startRuntime(t);
  const call = provider.start(openai);
  call.attempt(() => ({ status: 200 }));
  call.attemptFailed({ type: 'rate_limit_error' });
  call.end();
  assert.deepEqual(health(agent), [1, 0, 0, 1]);
});

test('an answer whose status cannot be read passes through like any other', (t) => {
  const agent = startRuntime(t);
  const answer = {
    get status(): number {
      throw new Error('revoked');
    },
  };
  const call = provider.start(openai);
  assert.equal(
    call.attempt(() => answer),
    answer,
  );
  assert.deepEqual(health(agent), [1, 0, 0, 0]);
});

for (const name of PROVIDERS) {
  test(`the circuit breaker of ${name} opens under its documented name`, (t) => {
    const agent = startRuntime(t);
    provider.circuitOpened(name);
    for (const other of PROVIDERS) {
      const sample = `arbiter_provider_circuit_open_total{provider="${other}"}`;
      assert.equal(agent.sample(sample), other === name ? 1 : 0);
    }
    assert.deepEqual(health(agent, name), [0, 0, 0, 0]);
  });
}
