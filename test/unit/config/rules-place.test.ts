import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesIn } from '../../../src/config/rules-place.js';

const JSON_TEXT = `{
  "a": [1, {"b/c": "x"}],
  "\\u0064~": {"e": -1.5e+3},
  "a": [true, null]
}
`;

const PLACES: readonly (readonly [pointer: string, line: number, column: number])[] = [
  ['', 1, 1],
  ['/a', 4, 3],
  ['/a/0', 2, 9],
  ['/a/1', 2, 12],
  ['/a/1/b~1c', 2, 13],
  ['/d~0', 3, 3],
  ['/d~0/e', 3, 15],
  ['/nowhere', 1, 1],
];

for (const [pointer, line, column] of PLACES) {
  test(`${pointer || 'the file'} stands at line ${line}, column ${column}`, () => {
    assert.deepEqual(placesIn(JSON_TEXT).of(pointer), { line, column });
  });
}

const TEXTS: readonly string[] = [
  JSON_TEXT,
  '[]',
  ' {} ',
  '"\\n\\u00e9"',
  '0',
  '',
  '{',
  '{"a"',
  '{"a":}',
  '{"a":1,}',
  '{a:1}',
  '[1 2]',
  '[1,]',
  '[1',
  '01',
  '1.',
  'nul',
  '"\\x"',
  '"a\nb"',
  '{} x',
  '// no',
];

for (const text of TEXTS) {
  test(`${JSON.stringify(text)} is JSON exactly when JSON.parse takes it`, () => {
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    assert.equal(placesIn(text).brokenAt === undefined, parses);
  });
}

test('the place where JSON breaks off is named', () => {
  assert.deepEqual(placesIn('[1,\n  2,\n]').brokenAt, { line: 3, column: 1 });
  assert.deepEqual(placesIn('{"a": 1').brokenAt, { line: 1, column: 8 });
});
