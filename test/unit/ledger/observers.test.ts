import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Observers } from '../../../src/ledger/observers.js';
import { withError } from '../../support/runtime.js';

const DEADLINE_MS = 250;

function createObservers(): { observers: Observers; problems: string[] } {
  const problems: string[] = [];
  return {
    observers: new Observers((problem, error) => problems.push(withError(problem, error))),
    problems,
  };
}

/** Reads all observers; the deadline's own timer holds no event loop open. */
async function runPastDeadline(observers: Observers): Promise<void> {
  const keepOpen = setInterval(() => undefined, DEADLINE_MS);
  await observers.run();
  clearInterval(keepOpen);
}

test('a reading waits for what is asynchronous', async () => {
  const { observers, problems } = createObservers();
  let value = 0;
  observers.set('slow', async () => {
    await new Promise(setImmediate);
    value = 7;
  });
  await observers.run();
  assert.equal(value, 7);
  assert.deepEqual(problems, []);
});

const FAILURES: readonly [string, () => void | Promise<void>][] = [
  [
    'throws',
    () => {
      throw new Error('no pool');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no pool'))],
];

for (const [how, observer] of FAILURES) {
  test(`an observer that ${how} is reported once and keeps no other from being read`, async () => {
    const { observers, problems } = createObservers();
    let read = 0;
    observers.set('pool', observer);
    observers.set('other', () => {
      read++;
    });
    await observers.run();
    await observers.run();
    assert.equal(read, 2);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /pool.*no pool/);
  });
}

test('an observer that throws what has no text is reported like any other', async () => {
  const { observers, problems } = createObservers();
  observers.set('pool', () => {
    throw Object.create(null) as Error;
  });
  await observers.run();
  assert.equal(problems.length, 1);
});

test('an observer that hangs holds a reading up until the deadline and no longer', async () => {
  const { observers, problems } = createObservers();
  observers.set('pool', () => new Promise(() => undefined));
  await runPastDeadline(observers);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /pool.*250 ms/);
});

test('an observer that hangs is not started again while it does, and is reported once', async () => {
  const { observers, problems } = createObservers();
  let started = 0;
  observers.set('pool', () => {
    started++;
    return new Promise(() => undefined);
  });
  await runPastDeadline(observers);
  await runPastDeadline(observers);
  assert.equal(started, 1);
  assert.equal(problems.length, 1);
});

test('an observer that came back late is read again by the next reading', async () => {
  const { observers } = createObservers();
  let started = 0;
  let finish: () => void = () => undefined;
  observers.set('pool', () => {
    started++;
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  await runPastDeadline(observers);
  finish();
  await new Promise(setImmediate);
  const second = observers.run();
  finish();
  await second;
  assert.equal(started, 2);
});

test('an observer that takes the place of one that hangs is read', async () => {
  const { observers } = createObservers();
  let read = 0;
  observers.set('pool', () => new Promise(() => undefined));
  await runPastDeadline(observers);
  observers.set('pool', () => {
    read++;
  });
  await observers.run();
  assert.equal(read, 1);
});

test('an observer that was deleted is not read', async () => {
  const { observers } = createObservers();
  let read = 0;
  observers.set('pool', () => {
    read++;
  });
  observers.delete('pool');
  await observers.run();
  assert.equal(read, 0);
});
