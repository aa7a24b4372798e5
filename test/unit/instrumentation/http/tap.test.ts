import assert from 'node:assert/strict';
import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { tapBody, type BodyTarget } from '../../../../src/instrumentation/http/body/tap.js';

function createTap(target: BodyTarget): { seen: unknown[]; undo: () => void } {
  const seen: unknown[] = [];
  const undo = tapBody(target, {
    onChunk: (chunk, encoding) => seen.push([String(chunk), encoding]),
    onEnd: () => seen.push('end'),
  });
  return { seen, undo };
}

const createResponse = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

for (const [what, create] of [
  ['a response', createResponse],
  ['a stream', () => new PassThrough()],
] as const) {
  test(`what is written to ${what} is seen once and passed on`, () => {
    const target = create();
    const { seen } = createTap(target as unknown as BodyTarget);
    target.write('a');
    target.write('62', 'hex');
    target.write(Buffer.from('c'), () => undefined);
    assert.equal(target.end('d'), target);
    assert.deepEqual(seen, [
      ['a', undefined],
      ['62', 'hex'],
      ['c', undefined],
      ['d', undefined],
      'end',
    ]);
  });

  test(`${what} shows no trace of it`, () => {
    const target = create();
    const look = (): unknown => [
      Object.keys(target),
      [target.write.name, target.write.length],
      [target.end.name, target.end.length],
    ];
    const before = look();
    const { undo } = createTap(target as unknown as BodyTarget);
    assert.deepEqual(look(), before);
    undo();
    assert.ok(!Object.hasOwn(target, 'write') && !Object.hasOwn(target, 'end'));
  });
}

test('an end that writes hands its chunk over once', () => {
  const written: unknown[] = [];
  const target: BodyTarget = {
    write: (chunk) => written.push(chunk),
    end(chunk) {
      target.write(chunk);
    },
  };
  const { seen } = createTap(target);
  target.end('x');
  assert.deepEqual([seen, written], [[['x', undefined], 'end'], ['x']]);
});

test('what throws was not written, and throws on', () => {
  const error = new Error('on purpose');
  const target: BodyTarget = {
    write: () => {
      throw error;
    },
    end: () => undefined,
  };
  const { seen } = createTap(target);
  assert.throws(() => target.write('x'), error);
  assert.deepEqual(seen, []);
});

test('an end without a chunk is an end', () => {
  const target = new PassThrough();
  const { seen } = createTap(target as unknown as BodyTarget);
  target.end(() => undefined);
  assert.deepEqual(seen, ['end']);
});

test('what a host had put there itself is there again, and what it put over ours stays', () => {
  const own = (): boolean => true;
  const target: BodyTarget = { write: own, end: own };
  const { undo } = createTap(target);
  const over = target.end;
  target.end = (...args) => over(...args);
  const { end } = target;
  undo();
  assert.equal(target.write, own);
  assert.equal(target.end, end);
});
