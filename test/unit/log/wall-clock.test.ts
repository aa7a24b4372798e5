import assert from 'node:assert/strict';
import test from 'node:test';
import { epochMsAt } from '../../../src/log/wall-clock.js';

test('the time of a reading is that of the system, to a millisecond', () => {
  const before = Date.now();
  const told = epochMsAt(performance.now());
  const after = Date.now();
  assert.ok(told >= before - 1 && told <= after + 1, `${before} ${told} ${after}`);
});

/** A system whose time is set to `epoch` when the monotonic clock reads `now`. */
function systemAt(epoch: number, now: number): (at: number) => number {
  return (at) => epoch + at - now;
}

test('it runs on evenly while the system tells whole milliseconds, and asks ten times a second', (t) => {
  const start = 1e6;
  const system = systemAt(1_800_000_000_000.4, start);
  let now = start;
  const asked = t.mock.method(Date, 'now', () => Math.floor(system(now)));
  let last = -Infinity;
  for (; now < start + 10_000; now += 0.37) {
    const told = epochMsAt(now);
    assert.ok(told > last, `${told} after ${last}`);
    assert.ok(Math.abs(told - system(now)) <= 1, `${told} instead of ${system(now)}`);
    last = told;
  }
  assert.ok(asked.mock.callCount() <= 101, String(asked.mock.callCount()));
});

test('a system’s time that is set, back or forth, or drifts is followed', (t) => {
  const start = 2e6;
  let system = systemAt(1_800_000_000_000, start);
  let now = start;
  t.mock.method(Date, 'now', () => Math.floor(system(now)));
  epochMsAt(now);
  for (const jump of [-3_600_000, 86_400_000]) {
    const before = system;
    system = (at) => before(at) + jump;
    now += 101;
    assert.ok(Math.abs(epochMsAt(now) - system(now)) <= 1);
  }
  const steady = system;
  // 500 parts in a million: as fast as a time service slews it.
  system = (at) => steady(at) + (at - start) * 5e-4;
  for (let i = 0; i < 1_000; i++) {
    now += 101;
    assert.ok(Math.abs(epochMsAt(now) - system(now)) <= 2);
  }
});
