import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  eventSink,
  jsonSink,
  lastEventsSink,
} from '../../../../src/instrumentation/http/body/sinks.js';

test('JSON is read from pieces of any kind', () => {
  let json: unknown;
  const sink = jsonSink((read) => (json = read));
  const text = '{"é":"ü","n":[1]}';
  const bytes = Buffer.from(text);
  sink.chunk(bytes.subarray(0, 3), undefined);
  sink.chunk(bytes.subarray(3, 9).toString('hex'), 'hex');
  sink.chunk(new Uint8Array(bytes.subarray(9)), undefined);
  sink.end();
  assert.deepEqual(json, JSON.parse(text));
});

for (const [what, chunks] of [
  ['is none', ['<html>']],
  ['is empty', []],
  ['is larger than the cap', ['{"x":[0', ',1'.repeat(40_000), ']}']],
] as const) {
  test(`a body that ${what} gives nothing`, () => {
    const read: unknown[] = [];
    const sink = jsonSink((json) => read.push(json));
    for (const chunk of chunks) sink.chunk(chunk, undefined);
    sink.end();
    assert.deepEqual(read, [undefined]);
  });
}

test('a long text in a body costs nothing but its own value, wherever it is cut', () => {
  const body = JSON.stringify({
    stdout: `"${'x\\"é\n'.repeat(50_000)}`,
    list: [{ 'a"b': '\\' }],
    truncated: true,
    short: 'ü'.repeat(512),
    long: 'x'.repeat(1025),
  });
  const bytes = Buffer.from(body);
  for (const size of [1, 7, 4096, bytes.length]) {
    let read: unknown;
    const sink = jsonSink((json) => (read = json));
    for (let at = 0; at < bytes.length; at += size) {
      sink.chunk(bytes.subarray(at, at + size), undefined);
    }
    sink.end();
    assert.deepEqual(read, {
      stdout: '',
      list: [{ 'a"b': '\\' }],
      truncated: true,
      short: 'ü'.repeat(512),
      long: '',
    });
  }
});

test('events are read as they are written, wherever a character is cut', () => {
  const events: string[] = [];
  const sink = eventSink((name) => events.push(name));
  const bytes = Buffer.from('event: ü\ndata: é\n\nevent: b\ndata: x\n\n');
  for (const byte of bytes) sink.chunk(Uint8Array.of(byte), undefined);
  assert.equal(events.length, 2);
  assert.equal(events[1], 'b');
});

const lastEvents = (chunks: readonly string[]): string[] => {
  const events: string[] = [];
  const sink = lastEventsSink((name, data) => events.push(`${name} ${data}`));
  for (const chunk of chunks) sink.chunk(chunk, undefined);
  assert.deepEqual(events, [], 'nothing is read before the end');
  sink.end();
  return events;
};

test('the last events of a short stream are all of them', () => {
  assert.deepEqual(lastEvents(['data: 1\n\n', 'event: done\n', 'data: {}\n\n']), [
    'message 1',
    'done {}',
  ]);
});

test('of a long stream the last events are whole', () => {
  const many = Array.from({ length: 100 }, (_, i) => `data: ${i}\n\n`);
  const events = lastEvents([...many, 'event: done\n', 'data: {}\n\n']);
  assert.ok(events.length >= 14 && events.length < 40, String(events.length));
  assert.equal(events.at(-1), 'done {}');
  assert.ok(events.slice(0, -1).every((event) => /^message \d+$/.test(event)));
});

test('of a large piece the last events are whole', () => {
  const large = `${'data: 0123456789\n\n'.repeat(10_000)}event: done\ndata: {}\n\n`;
  const events = lastEvents([large]);
  assert.equal(events.at(-1), 'done {}');
  assert.ok(events.length < 5_000);
  assert.ok(events.slice(0, -1).every((event) => event === 'message 0123456789'));
});
