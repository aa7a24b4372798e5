import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader } from '../../../../src/instrumentation/http/body/event-reader.js';

type Event = readonly [name: string, data: string];

const STREAMS: readonly (readonly [what: string, text: string, events: readonly Event[]])[] = [
  ['a named event', 'event: done\ndata: {"ok":true}\n\n', [['done', '{"ok":true}']]],
  ['an event without a name', 'data: x\n\n', [['message', 'x']]],
  ['several lines of data', 'data: a\ndata: b\n\n', [['message', 'a\nb']]],
  [
    'carriage returns',
    'event: a\rdata: 1\r\rdata: 2\r\r',
    [
      ['a', '1'],
      ['message', '2'],
    ],
  ],
  [
    'both',
    'event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n',
    [
      ['a', '1'],
      ['message', '2'],
    ],
  ],
  ['comments', ': hello\n\n: again\n\n', []],
  ['an event without data', 'event: ping\n\ndata: x\n\n', [['message', 'x']]],
  ['an event that is not over', 'data: x\n', []],
  ['no space after the colon', 'event:a\ndata:1\n\n', [['a', '1']]],
  ['fields of other kinds', 'id: 1\nretry: 5\nfoo\ndata\n\n', [['message', '']]],
];

for (const [what, text, events] of STREAMS) {
  test(`${what}, whole and in pieces of every size`, () => {
    for (let size = 1; size <= text.length; size++) {
      const seen: Event[] = [];
      const reader = new EventReader((...event) => seen.push(event));
      for (let i = 0; i < text.length; i += size) reader.read(text.slice(i, i + size));
      assert.deepEqual(seen, events, `pieces of ${size}`);
    }
  });
}

test('what is kept of a line and of data is bounded', () => {
  const sizes: number[] = [];
  const reader = new EventReader((_, data) => sizes.push(data.length));
  reader.read('data: ');
  for (let i = 0; i < 100; i++) reader.read('x'.repeat(10_000));
  reader.read('\n\n');
  for (let i = 0; i < 100; i++) reader.read(`data: ${'x'.repeat(10_000)}\n`);
  reader.read('\n');
  assert.equal(sizes.length, 2);
  for (const size of sizes) assert.ok(size > 10_000 && size <= 65_536);
});
