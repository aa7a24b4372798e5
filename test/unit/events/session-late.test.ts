import assert from 'node:assert/strict';
import { test } from 'node:test';
import { session } from '../../../src/events/session.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** Created, active and tracked sessions as wasmrun's document counts them, when scraped. */
async function counts({ scraped }: TestRuntime): Promise<(number | undefined)[]> {
  const names = ['sessions_created_total', 'sessions_active', 'sessions_total'];
  return Promise.all(names.map((name) => scraped(`wasmrun_agent_${name}`)));
}

const LATE: readonly [string, (id: string) => void][] = [
  ['touched', session.touched],
  ['paused', session.paused],
  ['expired', session.expired],
  ['ended', session.ended],
];

for (const [name, event] of LATE) {
  test(`session.${name} for an unknown session changes nothing and is reported once`, async (t) => {
    const agent = startRuntime(t);
    event('nobody');
    event('nobody');
    assert.deepEqual(await counts(agent), [0, 0, 0]);
    assert.equal(agent.problems.length, 1);
    assert.match(agent.problems[0] ?? '', new RegExp(`session\\.${name}`));
  });

  test(`session.${name} after the end changes nothing and is reported`, async (t) => {
    const agent = startRuntime(t);
    session.created({ id: 'a' });
    session.ended('a');
    event('a');
    assert.deepEqual(await counts(agent), [1, 0, 0]);
    assert.equal(agent.problems.length, 1);
  });
}

test('a resume after the end is counted nowhere and is reported', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  session.ended('a');
  session.resumed({ id: 'a', path: 'warm' });
  assert.deepEqual(await counts(agent), [1, 0, 0]);
  assert.equal(agent.sample('ash_resume_total{path="warm"}'), 0);
  assert.equal(agent.problems.length, 1);
});
