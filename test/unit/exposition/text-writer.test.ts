import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextWriter } from '../../../src/exposition/text-writer.js';

function written(write: (writer: TextWriter) => void): string {
  const writer = new TextWriter();
  write(writer);
  return Buffer.concat(writer.finish()).toString('utf8');
}

const NUMBERS = [
  0,
  -0,
  1,
  9,
  10,
  99,
  100,
  12_345,
  999_999_999,
  1_000_000_000,
  1_000_000_001,
  2 ** 31,
  2 ** 32 + 7,
  123_456_789_012_345,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e21,
  -5,
  0.1,
  1234.5678,
  1e-7,
  NaN,
];

for (const value of NUMBERS) {
  test(`the value ${value} is written as JavaScript writes it`, () => {
    assert.equal(
      written((writer) => {
        writer.value(value);
      }),
      `${value}\n`,
    );
  });
}

test('a page of any size is whole, in whatever pieces it was written', () => {
  const expected: string[] = [];
  const text = written((writer) => {
    for (let i = 0; i < 20_000; i++) {
      const piece = `ü${'x'.repeat(i % 50)}🚀`;
      writer.text(piece);
      writer.bytes(Buffer.from(piece).subarray(2, -4));
      writer.value(i * 7_919);
      expected.push(piece, 'x'.repeat(i % 50), `${i * 7_919}\n`);
    }
    writer.text('y'.repeat(300_000));
    expected.push('y'.repeat(300_000));
  });
  assert.equal(text, expected.join(''));
});

test('nothing is nothing', () => {
  assert.equal(
    written(() => undefined),
    '',
  );
});

test('memory that was taken and given back is written again, and the text stays what it is', () => {
  const writer = new TextWriter();
  const line = `${'0123456789'.repeat(100)}\n`;
  let text = '';
  const buffers = new Set<unknown>();
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 100; i++) writer.text(line);
    const pieces = writer.take();
    for (const piece of pieces) {
      buffers.add(piece.buffer);
      text += Buffer.from(piece).toString('latin1');
    }
    writer.reuse(pieces);
  }
  for (const piece of writer.finish()) text += Buffer.from(piece).toString('latin1');
  assert.equal(text, line.repeat(2_000));
  assert.ok(buffers.size <= 3, String(buffers.size));
});
