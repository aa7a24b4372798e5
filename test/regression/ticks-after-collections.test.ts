import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { PRELOAD } from '../support/paths.js';

/** Says how long a tick takes at best, in nanoseconds: before collections that find none, and after. */
const TICKS = `
  const TICKS = 50_000;
  const ROUNDS = 8;
  function best(done, round = 0, least = Infinity) {
    if (round === ROUNDS) return done(least);
    let left = TICKS;
    const before = process.hrtime.bigint();
    process.nextTick(function next() {
      if (--left > 0) return process.nextTick(next);
      const each = Number(process.hrtime.bigint() - before) / TICKS;
      setImmediate(best, done, round + 1, Math.min(least, each));
    });
  }
  best((before) => {
    setTimeout(() => {
      // V8 keeps a shape that nothing has for two of them.
      for (let i = 0; i < 4; i++) gc();
      best((after) => console.log(JSON.stringify({ before, after })));
    }, 10);
  });`;

test('ticks of a host take no longer once collections have found none of them', async (t) => {
  const host = await startHost(t, {
    args: ['-e', TICKS],
    listens: false,
    nodeArgs: ['--expose-gc', '--require', PRELOAD],
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  const { before, after } = JSON.parse(host.stdout()) as { before: number; after: number };
  t.diagnostic(`${before.toFixed(0)} ns before, ${after.toFixed(0)} ns after`);
  // With a shape that was forgotten it is six times as long.
  assert.ok(after < 3 * before, `${before} ns before, ${after} ns after`);
});
