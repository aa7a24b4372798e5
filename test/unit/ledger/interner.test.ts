import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interner, OVERFLOW_RANK } from '../../../src/ledger/interner.js';

function createInterner(limit: number): { interner: Interner; overflows: () => number } {
  let count = 0;
  const interner = new Interner({
    limit,
    onOverflow: () => {
      count++;
    },
  });
  return { interner, overflows: () => count };
}

test('values up to the limit are themselves, numbered by first appearance', () => {
  const { interner, overflows } = createInterner(2);
  const ranks = ['zebra', 'ant', 'zebra'].map((value) => interner.rankOf(value));
  assert.deepEqual(ranks, [1, 2, 1]);
  assert.deepEqual([interner.valueAt(1), interner.valueAt(2)], ['zebra', 'ant']);
  assert.equal(overflows(), 0);
});

test('a value past the limit is _overflow, and each measurement of it is told', () => {
  const { interner, overflows } = createInterner(1);
  const rank = interner.rankOf('a');
  assert.equal(interner.valueAt(interner.rankOf('b')), '_overflow');
  assert.equal(interner.rankOf('b'), OVERFLOW_RANK);
  assert.equal(overflows(), 2);
  assert.equal(interner.rankOf('a'), rank);
});

test('a value that calls itself _overflow is counted there', () => {
  const { interner, overflows } = createInterner(1);
  assert.equal(interner.rankOf('_overflow'), OVERFLOW_RANK);
  assert.equal(overflows(), 0);
});

test('what no format can carry is made safe, and is one value whatever was passed', () => {
  const { interner } = createInterner(10);
  assert.equal(interner.rankOf('a\0'), interner.rankOf('a\ufffd'));
  assert.equal(interner.rankOf(7), interner.rankOf('7'));
  assert.equal(interner.valueAt(interner.rankOf('b\ud800')), 'b\ufffd');
});
