import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { sandbox } from '../../../src/events/sandbox.js';
import { SANDBOX_STATES, type SandboxState } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** Ash's pool states in the document's order. */
function states({ sample }: TestRuntime): (number | undefined)[] {
  return SANDBOX_STATES.map((state) => sample(`ash_pool_sandboxes{state="${state}"}`));
}

const LIVE: Readonly<Record<SandboxState, { ash: number; arbiter: number }>> = {
  cold: { ash: 0, arbiter: 0 },
  warming: { ash: 1, arbiter: 0 },
  warm: { ash: 1, arbiter: 1 },
  waiting: { ash: 1, arbiter: 1 },
  running: { ash: 1, arbiter: 1 },
};

for (const [i, state] of SANDBOX_STATES.entries()) {
  test(`a ${state} sandbox is in the pool, and live as the documents have it`, (t) => {
    const agent = startRuntime(t);
    sandbox.changed('c', state);
    assert.deepEqual(states(agent), [0, 0, 0, 0, 0].with(i, 1));
    assert.equal(agent.sample('ash_active_sandboxes'), LIVE[state].ash);
    assert.equal(agent.sample('arbiter_sandbox_containers_running'), LIVE[state].arbiter);
  });
}

test('a sandbox is in one state at a time', (t) => {
  const agent = startRuntime(t);
  for (const state of ['warm', 'running', 'running', 'waiting'] as const) {
    sandbox.changed('c', state);
  }
  assert.deepEqual(states(agent), [0, 0, 0, 1, 0]);
});

test('an undocumented state is reported and changes nothing', (t) => {
  const agent = startRuntime(t);
  sandbox.changed('c', 'melting' as SandboxState);
  assert.deepEqual(states(agent), [0, 0, 0, 0, 0]);
  assert.match(agent.problems[0] ?? '', /melting/);
});

test('a cold start is warming while it runs, warm afterwards, and then counted as started', async (t) => {
  const agent = startRuntime(t);
  const starting = sandbox.start({ id: 'c' }, async () => {
    await Promise.resolve();
    return 'container';
  });
  assert.deepEqual(states(agent), [0, 1, 0, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_started_total'), 0);
  assert.equal(await starting, 'container');
  assert.deepEqual(states(agent), [0, 0, 1, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_started_total'), 1);
  assert.equal(agent.sample('arbiter_sandbox_container_rebuilt_total'), 0);
});

test('a rebuild is counted as rebuilt and not as started', async (t) => {
  const agent = startRuntime(t);
  sandbox.changed('c', 'running');
  const rebuilding = sandbox.rebuild({ id: 'c' }, () => Promise.resolve());
  assert.deepEqual(states(agent), [0, 1, 0, 0, 0]);
  await rebuilding;
  assert.deepEqual(states(agent), [0, 0, 1, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_rebuilt_total'), 1);
  assert.equal(agent.sample('arbiter_sandbox_container_started_total'), 0);
});

for (const form of ['start', 'rebuild'] as const) {
  test(`a sandbox whose ${form} fails is gone and not counted`, async (t) => {
    const agent = startRuntime(t);
    class NoImage extends Error {}
    await assert.rejects(
      sandbox[form]({ id: 'c', tenant: '1' }, () => Promise.reject(new NoImage('secret'))),
    );
    assert.deepEqual(states(agent), [0, 0, 0, 0, 0]);
    assert.equal(agent.sample('arbiter_sandbox_container_started_total'), 0);
    assert.equal(agent.sample('arbiter_sandbox_container_rebuilt_total'), 0);
    const span = agent.span(`sandbox.${form}`);
    assert.deepEqual(span.attributes, {
      'agent.sandbox.id': 'c',
      'agent.tenant.id': '1',
      'error.type': 'NoImage',
    });
    assert.deepEqual(span.status, { code: SpanStatusCode.ERROR });
    assert.deepEqual(span.events, []);
  });
}

test('what happens while a sandbox starts happens in its span', (t) => {
  const agent = startRuntime(t);
  const inside = sandbox.start(
    { id: 'c' },
    () => trace.getSpan(agent.runtime.tracing().active())?.spanContext().spanId,
  );
  assert.equal(inside, agent.span('sandbox.start').spanContext().spanId);
});

test('a sandbox that the idle reaper stopped is gone and counted as reaped', (t) => {
  const agent = startRuntime(t);
  sandbox.changed('c', 'warm');
  sandbox.reaped('c');
  assert.deepEqual(states(agent), [0, 0, 0, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_reaped_total'), 1);
  assert.equal(agent.span('sandbox.reaped').attributes['agent.sandbox.id'], 'c');
});

test('a sandbox that stopped for another reason is gone and not counted as reaped', (t) => {
  const agent = startRuntime(t);
  sandbox.changed('c', 'running');
  sandbox.stopped('c');
  assert.deepEqual(states(agent), [0, 0, 0, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_reaped_total'), 0);
});

for (const form of ['reaped', 'stopped'] as const) {
  test(`sandbox.${form} for an unknown sandbox changes nothing and is reported once`, (t) => {
    const agent = startRuntime(t);
    sandbox[form]('nobody');
    sandbox[form]('nobody');
    assert.equal(agent.sample('arbiter_sandbox_container_reaped_total'), 0);
    assert.equal(agent.problems.length, 1);
  });
}
