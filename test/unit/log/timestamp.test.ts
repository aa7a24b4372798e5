import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessTimestamp, isoTimestamp, toMilliseconds } from '../../../src/log/timestamp.js';

test('the access line’s time has milliseconds and +00:00, ash’s lines have Z', () => {
  const time = Date.UTC(2026, 5, 13, 11, 18, 55, 7) + 0.9;
  assert.equal(accessTimestamp(time), '2026-06-13T11:18:55.007+00:00');
  assert.equal(isoTimestamp(time), '2026-06-13T11:18:55.007Z');
});

test('seconds and nanoseconds are milliseconds', () => {
  assert.equal(toMilliseconds([2, 500_000]), 2000.5);
});

test('every millisecond is written as Date writes it, in whatever order they come', () => {
  const start = Date.UTC(2026, 11, 31, 23, 59, 59);
  for (const offset of [0, 7, 99, 100, 999, 1000, 999, 86_400_000, 5, -1, -1000.5, 0.25, 999.999]) {
    const expected = new Date(Math.floor(start + offset)).toISOString().replace('Z', '+00:00');
    assert.equal(accessTimestamp(start + offset), expected, String(offset));
  }
});
