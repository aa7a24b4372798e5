import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sandbox } from '../../../src/events/sandbox.js';
import type { PoolReading } from '../../../src/events/sandbox-registry.js';
import { SANDBOX_STATES } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

/** Ash's pool states in the document's order, as a scrape shows them. */
async function scrapedStates({ scraped }: TestRuntime): Promise<(number | undefined)[]> {
  return Promise.all(
    SANDBOX_STATES.map((state) => scraped(`ash_pool_sandboxes{state="${state}"}`)),
  );
}

test('an observed pool is read at each scrape', async (t) => {
  const agent = startRuntime(t);
  const pool = { cold: 2, warming: 1, warm: 2, waiting: 3, running: 2, maxCapacity: 1000 };
  sandbox.observePool(() => pool);
  assert.deepEqual(await scrapedStates(agent), [2, 1, 2, 3, 2]);
  assert.equal(agent.sample('ash_pool_max_capacity'), 1000);
  pool.running = 5;
  assert.deepEqual(await scrapedStates(agent), [2, 1, 2, 3, 5]);
});

test('an observed pool may be read asynchronously, and a state it leaves out is 0', async (t) => {
  const agent = startRuntime(t);
  sandbox.observePool(() => Promise.resolve({ warm: 4 }));
  assert.deepEqual(await scrapedStates(agent), [0, 0, 4, 0, 0]);
});

test('what an observed pool cannot mean shows as 0', async (t) => {
  const agent = startRuntime(t);
  sandbox.observePool(() => ({
    cold: -1,
    warming: NaN,
    warm: Infinity,
    waiting: '3' as unknown as number,
    running: 1,
  }));
  assert.deepEqual(await scrapedStates(agent), [0, 0, 0, 0, 1]);
});

test('events do not count on top of an observed pool', async (t) => {
  const agent = startRuntime(t);
  sandbox.observePool(() => ({ warm: 1 }));
  await sandbox.start({ id: 'c' }, () => Promise.resolve());
  assert.deepEqual(await scrapedStates(agent), [0, 0, 1, 0, 0]);
  assert.equal(agent.sample('arbiter_sandbox_container_started_total'), 1);
});

test('a pool that is no longer observed is counted from the events again', async (t) => {
  const agent = startRuntime(t);
  const stop = sandbox.observePool(() => ({ waiting: 9 }));
  sandbox.changed('c', 'running');
  await scrapedStates(agent);
  stop();
  assert.deepEqual(await scrapedStates(agent), [0, 0, 0, 0, 1]);
});

test('a reading that throws leaves the last values in place and is reported once', async (t) => {
  const agent = startRuntime(t);
  let broken = false;
  sandbox.observePool(() => {
    if (broken) throw new Error('pool is gone');
    return { warm: 2 };
  });
  await scrapedStates(agent);
  broken = true;
  assert.deepEqual(await scrapedStates(agent), [0, 0, 2, 0, 0]);
  assert.equal(agent.problems.length, 1);
});

test('a reading that comes back after the observing stopped changes nothing', async (t) => {
  const agent = startRuntime(t);
  sandbox.changed('c', 'running');
  let answer: (reading: PoolReading) => void = () => undefined;
  const stop = sandbox.observePool(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  const scrape = agent.ledger.observe();
  stop();
  answer({ waiting: 9 });
  await scrape;
  assert.deepEqual(await scrapedStates(agent), [0, 0, 0, 0, 1]);
});

test('stopping to observe a pool that was replaced leaves its successor observed', async (t) => {
  const agent = startRuntime(t);
  const stopFormer = sandbox.observePool(() => ({ warm: 1 }));
  sandbox.observePool(() => ({ warm: 2 }));
  stopFormer();
  assert.deepEqual(await scrapedStates(agent), [0, 0, 2, 0, 0]);
});
