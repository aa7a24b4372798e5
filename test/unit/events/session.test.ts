import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exec } from '../../../src/events/exec.js';
import { session } from '../../../src/events/session.js';
import type { ResumePath } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** Created, active and tracked sessions as wasmrun's document counts them, when scraped. */
async function counts({ scraped }: TestRuntime): Promise<(number | undefined)[]> {
  const names = ['sessions_created_total', 'sessions_active', 'sessions_total'];
  return Promise.all(names.map((name) => scraped(`wasmrun_agent_${name}`)));
}

test('a created session is created, active and tracked', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  assert.deepEqual(await counts(agent), [1, 1, 1]);
  assert.equal(agent.sample('ash_active_sessions'), 1);
});

test('an expired session is no longer active and stays tracked until it ends', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.expired('a');
  assert.deepEqual(await counts(agent), [1, 0, 1]);
  session.ended('a');
  assert.deepEqual(await counts(agent), [1, 0, 0]);
});

test('a paused session is no longer active and stays tracked', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.paused('a');
  session.paused('a');
  assert.deepEqual(await counts(agent), [1, 0, 1]);
});

test('an active session that ends is neither active nor tracked', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.ended('a');
  assert.deepEqual(await counts(agent), [1, 0, 0]);
});

for (const path of ['warm', 'cold'] as const) {
  test(`a ${path} resume is counted under its path and makes the session active`, async (t) => {
    const agent = startRuntime(t);
    session.created({ id: 'a' });
    session.paused('a');
    session.resumed({ id: 'a', path, agentName: 'my-agent' });
    const other = path === 'warm' ? 'cold' : 'warm';
    assert.equal(agent.sample(`ash_resume_total{path="${path}"}`), 1);
    assert.equal(agent.sample(`ash_resume_total{path="${other}"}`), 0);
    assert.deepEqual(await counts(agent), [1, 1, 1]);
    assert.deepEqual(agent.span('session.resumed').attributes, {
      'agent.session.id': 'a',
      'agent.session.resume.path': path,
      'gen_ai.agent.name': 'my-agent',
    });
  });
}

test('a resume of a session from before the start tracks it and creates none', async (t) => {
  const agent = startRuntime(t);
  session.resumed({ id: 'old', path: 'cold' });
  assert.deepEqual(await counts(agent), [0, 1, 1]);
});

test('a resume by an undocumented path is reported and not counted', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.paused('a');
  session.resumed({ id: 'a', path: 'lukewarm' as ResumePath });
  assert.equal(agent.problems.length, 1);
  assert.deepEqual(await counts(agent), [1, 0, 1]);
});

test('a session that is held already is not created a second time', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.created({ id: 'a' });
  assert.deepEqual(await counts(agent), [1, 1, 1]);
  assert.equal(agent.problems.length, 1);
});

test('an id is free again once its session has ended: it is unique among those held', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'main' });
  session.ended('main');
  session.created({ id: 'main' });
  assert.deepEqual(await counts(agent), [2, 1, 1]);
  assert.deepEqual(agent.problems, []);
});

test('a session without a string for an id is reported and never thrown at the host', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 7 as unknown as string });
  session.created(undefined as never);
  assert.deepEqual(await counts(agent), [0, 0, 0]);
  assert.equal(agent.problems.length, 1);
});

test('each life event of a session makes one span with its id', (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.paused('a');
  session.resumed({ id: 'a', path: 'warm' });
  session.expired('a');
  session.ended('a');
  assert.deepEqual(
    agent.spans().map(({ name, attributes }) => [name, attributes['agent.session.id']]),
    ['created', 'paused', 'resumed', 'expired', 'ended'].map((name) => [`session.${name}`, 'a']),
  );
});

test('the innermost session.within is the current session', (t) => {
  const agent = startRuntime(t);
  session.within('outer', () => {
    session.within('inner', () => {
      exec.start().end('success');
    });
    exec.start().end('success');
  });
  assert.deepEqual(
    agent.spans().map(({ attributes }) => attributes['agent.session.id']),
    ['inner', 'outer'],
  );
});
