import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNamed } from '../../../../src/instrumentation/headers.js';
import {
  headerIn,
  listWithHeader,
  withHeader,
} from '../../../../src/instrumentation/http/headers.js';

for (const [given, name, expected] of [
  ['x-request-id', 'x-request-id', true],
  ['X-Request-ID', 'x-request-id', true],
  ['Content-Type', 'x-request-id', false],
  ['X-Request-Ip', 'x-request-id', false],
  ['X-Request', 'x-request-id', false],
  // Any token is a name (RFC 9110, 5.1), whatever it begins with.
  ['_Session', '_session', true],
  ['^Session', '^session', true],
  ['1-Session', '1-session', true],
  [':STATUS', ':status', true],
  ['', '', true],
  [7, '7', false],
] as const) {
  test(`${JSON.stringify(given)} is ${expected ? '' : 'not '}the header ${JSON.stringify(name)}`, () => {
    assert.equal(isNamed(given, name), expected);
  });
}

const OBJECT = { 'X-Host': '1', 'Set-Cookie': ['a=1', 'b=2'] };
const LIST = ['X-Host', '1', 'Set-Cookie', ['a=1', 'b=2']];
const PAIRS = [
  ['X-Host', '1'],
  ['Set-Cookie', ['a=1', 'b=2']],
];

test('a header is found in every form in which hosts hand them over', () => {
  for (const headers of [OBJECT, LIST, PAIRS]) {
    assert.equal(headerIn(headers, 'x-host'), '1');
    assert.equal(headerIn(headers, 'x-none'), undefined);
  }
});

test('a header is added to a copy in the same form', () => {
  assert.deepEqual(withHeader(OBJECT, 'X-Id', 'i'), { ...OBJECT, 'X-Id': 'i' });
  assert.deepEqual(withHeader(LIST, 'X-Id', 'i'), [...LIST, 'X-Id', 'i']);
  assert.deepEqual(withHeader(PAIRS, 'X-Id', 'i'), [...PAIRS, ['X-Id', 'i']]);
});

test('an object becomes a list of what is its own, and stays as it was', () => {
  const inherited = Object.create({ 'X-Inherited': '1' }) as Record<string, unknown>;
  const headers = Object.freeze(Object.assign(inherited, OBJECT));
  assert.deepEqual(listWithHeader(headers, 'X-Id', 'i'), [...LIST, 'X-Id', 'i']);
  assert.deepEqual(listWithHeader(PAIRS, 'X-Id', 'i'), [...PAIRS, ['X-Id', 'i']]);
});
