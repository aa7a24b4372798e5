import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toLabelValue } from '../../../src/ledger/label-value.js';

const KEPT: readonly [string, string][] = [
  ['an ordinary value', 'acme'],
  ['quotes and a backslash', 'a"b\\c'],
  ['a line feed', 'a\nb'],
  ['characters beyond ASCII', 'Größe 🚀'],
  ['256 characters', 'x'.repeat(256)],
  ['nothing at all', ''],
];

for (const [what, value] of KEPT) {
  test(`a label value keeps ${what}`, () => {
    assert.equal(toLabelValue(value), value);
  });
}

const MADE_SAFE: readonly [string, unknown, string][] = [
  ['a NUL, which ends input for the Prometheus parser', 'a\0b', 'a\ufffdb'],
  ['a lone high surrogate', 'a\ud83d', 'a\ufffd'],
  ['a lone low surrogate', '\ude80b', '\ufffdb'],
  ['a number', 42, '42'],
  ['a bigint', 42n, '42'],
  ['a boolean', false, 'false'],
  ['undefined', undefined, ''],
  ['null', null, ''],
  ['an object', { toString: () => 'forged' }, ''],
  ['an array', ['a'], ''],
  ['a function', () => 'a', ''],
  ['a symbol', Symbol('a'), ''],
];

for (const [what, value, expected] of MADE_SAFE) {
  test(`a label value is made safe from ${what}`, () => {
    assert.equal(toLabelValue(value), expected);
  });
}

test('a label value of 10 kB is bounded to 256 characters and keeps its start', () => {
  const value = toLabelValue(`acme-${'x'.repeat(10_000)}`);
  assert.equal(value.length, 256);
  assert.ok(value.startsWith('acme-xxx'));
});

test('two long label values that differ at their ends stay two', () => {
  const start = 'x'.repeat(10_000);
  assert.notEqual(toLabelValue(`${start}a`), toLabelValue(`${start}b`));
  assert.equal(toLabelValue(`${start}a`), toLabelValue(`${start}a`));
});

test('a long label value that is cut inside a character stays well-formed', () => {
  for (const shift of ['', 'x']) {
    assert.ok(toLabelValue(`${shift}${'🚀'.repeat(1_000)}`).isWellFormed());
  }
});
