import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerOf } from '../../../src/instrumentation/undici-request.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

/** The same headers in all the ways that versions of undici hand them out. */
const WAYS = {
  'a list of texts': ['X-A', 'one', 'Retry-After', '7', 'x-a', 'two'],
  'a list of bytes': ['X-A', 'one', 'Retry-After', '7', 'x-a', 'two'].map(bytes),
  'a list in which a name has several values': [bytes('x-A'), ['one', 'two'], 'Retry-After', '7'],
  'an object': { 'x-a': ['one', 'two'], 'retry-after': '7' },
  'lines of text': 'X-A: one\r\nRetry-After: 7\r\nx-a: two\r\n',
};

for (const [what, headers] of Object.entries(WAYS)) {
  test(`a header is found by its name in lower case in ${what}, its first value`, () => {
    const header = headerOf(headers);
    assert.equal(header('x-a'), 'one');
    assert.equal(header('retry-after'), '7');
    for (const absent of ['x-b', 'x-', 'one', 'x-aa', 'retry_after']) {
      assert.equal(header(absent), undefined, absent);
    }
  });
}

test('a name is only that of a header whose bytes differ in the case of letters alone', () => {
  // What differs in the same bit as letters do is another name.
  const header = headerOf([bytes('@[{'), 'no', bytes('X\u0016a'), 'no']);
  assert.equal(header('`{['), undefined);
  assert.equal(header('x6a'), undefined);
});

test('what is no header at all has none', () => {
  for (const headers of [null, undefined, [], [undefined, 'value'], [7, 'value']]) {
    assert.equal(headerOf(headers)('x-a'), undefined);
  }
});
