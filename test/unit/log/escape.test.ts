import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeTenant, escapeValue } from '../../../src/log/escape.js';

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
const ASCII = Array.from({ length: 128 }, (_, byte) => byte);

test('of ASCII, a path keeps 0x21 to 0x7E but for = and "', () => {
  for (const byte of ASCII) {
    const character = String.fromCharCode(byte);
    const plain = byte >= 0x21 && byte <= 0x7e && character !== '=' && character !== '"';
    assert.equal(escapeValue(character), plain ? character : percent(byte), percent(byte));
  }
});

test('of ASCII, a tenant keeps the same but for %', () => {
  for (const byte of ASCII) {
    const character = String.fromCharCode(byte);
    const plain = byte >= 0x21 && byte <= 0x7e && !'="%'.includes(character);
    assert.equal(escapeTenant(character), plain ? character : percent(byte), percent(byte));
  }
});

const BEYOND: readonly [string, string, string][] = [
  ['each UTF-8 byte beyond ASCII', 'é→🚀', '%C3%A9%E2%86%92%F0%9F%9A%80'],
  ['a lone high surrogate as U+FFFD', 'a\ud83db', 'a%EF%BF%BDb'],
  ['a lone low surrogate as U+FFFD', '\ude80', '%EF%BF%BD'],
  ['a line separator, which some viewers break at', 'a\u2028b', 'a%E2%80%A8b'],
  ['a forged line', '/x\nts=1 id=2', '/x%0Ats%3D1%20id%3D2'],
];

for (const [what, value, expected] of BEYOND) {
  test(`${what} is written %XX, in a path and in a tenant alike`, () => {
    assert.equal(escapeValue(value), expected);
    assert.equal(escapeTenant(value), expected);
  });
}

test('an escape that a client sent stands as it came in a path, and is escaped in a tenant', () => {
  assert.equal(escapeValue('/a%20b'), '/a%20b');
  assert.equal(escapeTenant('a%20b'), 'a%2520b');
});

test('a value of up to 2,048 characters is whole', () => {
  const value = `/${'x'.repeat(2_047)}`;
  assert.equal(escapeValue(value), value);
});

test('a longer value is cut and ends in an escaped ellipsis', () => {
  const text = escapeValue(`/${'x'.repeat(100_000)}`);
  assert.equal(text, `/${'x'.repeat(2_047)}%E2%80%A6`);
});

for (const shift of [0, 1, 2]) {
  test(`an escape is not cut in two, ${shift} characters off`, () => {
    const text = escapeValue(`${'x'.repeat(shift)}${'\n'.repeat(2_000)}`);
    assert.match(text, /^x*(%0A)+%E2%80%A6$/);
    assert.ok(text.length <= 2_048 + '%E2%80%A6'.length);
  });
}
