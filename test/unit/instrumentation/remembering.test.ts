import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembering } from '../../../src/instrumentation/remembering.js';

test('what is remembered is computed once, undefined as well', () => {
  const asked: string[] = [];
  const lengthOf = remembering((text) => {
    asked.push(text);
    return text === '' ? undefined : text.length;
  });
  assert.deepEqual(
    [lengthOf('abc'), lengthOf('abc'), lengthOf(''), lengthOf('')],
    [...[3, 3], ...[undefined, undefined]],
  );
  assert.deepEqual(asked, ['abc', '']);
});

test('whatever is sent, no more than 256 texts are held', () => {
  let computed = 0;
  const lengthOf = remembering((text) => {
    computed++;
    return text.length;
  });
  for (let i = 0; i < 256; i++) lengthOf(`path-${i}`);
  lengthOf('path-0');
  assert.equal(computed, 256);
  lengthOf('one more');
  lengthOf('path-0');
  assert.equal(computed, 258, 'it has started again');
});
