import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interner } from '../../../src/ledger/interner.js';

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

test('values up to the limit are themselves', () => {
  const { interner, overflows } = createInterner(2);
  assert.equal(interner.intern('a'), 'a');
  assert.equal(interner.intern('b'), 'b');
  assert.equal(interner.intern('a'), 'a');
  assert.equal(overflows(), 0);
});

test('a value past the limit is _overflow, and each measurement of it is told', () => {
  const { interner, overflows } = createInterner(1);
  interner.intern('a');
  assert.equal(interner.intern('b'), '_overflow');
  assert.equal(interner.intern('b'), '_overflow');
  assert.equal(overflows(), 2);
  assert.equal(interner.intern('a'), 'a');
});

test('values are ordered by first appearance, with _overflow last', () => {
  const { interner } = createInterner(2);
  for (const value of ['zebra', 'ant', 'beyond']) interner.intern(value);
  assert.equal(interner.orderOf('zebra'), 0);
  assert.equal(interner.orderOf('ant'), 1);
  assert.ok(interner.orderOf('_overflow') > interner.orderOf('ant'));
});
