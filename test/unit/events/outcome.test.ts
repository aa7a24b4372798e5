import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorType, follow, isAbort, isTimeout, type Ending } from '../../../src/events/outcome.js';

class NamedByItsClass extends Error {}

class APIUserAbortError extends Error {}

const TYPES: readonly [string, unknown, string][] = [
  ['an ordinary error', new Error('x'), 'Error'],
  ['a built-in subclass', new RangeError('x'), 'RangeError'],
  [
    'a class that leaves the name of its instances alone',
    new NamedByItsClass('x'),
    'NamedByItsClass',
  ],
  ['an error with a name of its own', Object.assign(new Error('x'), { name: 'Custom' }), 'Custom'],
  ['a DOMException', new DOMException('x', 'DataCloneError'), 'DataCloneError'],
  ['a string', 'x', '_OTHER'],
  ['undefined', undefined, '_OTHER'],
];

for (const [what, error, expected] of TYPES) {
  test(`error.type of ${what} is ${expected}`, () => {
    assert.equal(errorType(error), expected);
  });
}

test('a timeout is told from an abort and from any other error', () => {
  const timeout = new DOMException('x', 'TimeoutError');
  const abort = new DOMException('x', 'AbortError');
  assert.deepEqual([isTimeout(timeout), isAbort(timeout)], [true, false]);
  assert.deepEqual([isTimeout(abort), isAbort(abort)], [false, true]);
  assert.deepEqual([isTimeout(new Error('timeout')), isAbort(new Error('abort'))], [false, false]);
});

test('the abort of an official SDK is an abort', () => {
  assert.equal(isAbort(new APIUserAbortError('x')), true);
});

test('follow tells of the end once the promise has settled, and not before', async () => {
  const endings: Ending[] = [];
  let resolve: (value: number) => void = () => undefined;
  const followed = follow(
    () =>
      new Promise<number>((done) => {
        resolve = done;
      }),
    { onEnd: (ending) => endings.push(ending) },
  );
  await Promise.resolve();
  assert.deepEqual(endings, []);
  resolve(1);
  await followed;
  assert.deepEqual(endings, [{ how: 'returned', value: 1 }]);
});

test('follow has told of the end before its caller goes on', async () => {
  const endings: Ending[] = [];
  const error = new Error('x');
  await follow(() => Promise.reject(error), { onEnd: (ending) => endings.push(ending) }).catch(
    () => {
      assert.deepEqual(endings, [{ how: 'threw', error }]);
    },
  );
  assert.equal(endings.length, 1);
});
