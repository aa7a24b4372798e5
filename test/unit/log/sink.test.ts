import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDescriptor } from './fake-descriptor.js';

const turn = (): Promise<void> => new Promise(setImmediate);

test('the lines of one turn of the loop go out in one write, and in their order', async () => {
  const { sink, writes } = createDescriptor();
  sink.write('a\n');
  sink.write('b\n');
  assert.deepEqual(writes, []);
  await turn();
  assert.deepEqual(writes, ['a\nb\n']);
  sink.write('c\n');
  await turn();
  assert.deepEqual(writes, ['a\nb\n', 'c\n']);
});

test('no write is longer than 4,096 bytes, and each is whole lines', async () => {
  const { sink, writes, taken } = createDescriptor();
  const lines = Array.from({ length: 300 }, (_, i) => `line ${i} ${'ü'.repeat(i % 90)}\n`);
  for (const line of lines) sink.write(line);
  await turn();
  assert.ok(writes.length > 1);
  for (const write of writes) {
    assert.ok(Buffer.byteLength(write) <= 4096);
    assert.ok(write.endsWith('\n'));
  }
  assert.equal(taken(), lines.join(''));
});

test('a line that fits exactly stays with no other', async () => {
  const { sink, writes } = createDescriptor();
  const exact = `${'x'.repeat(4095)}\n`;
  sink.write(exact);
  sink.write('y\n');
  await turn();
  assert.deepEqual(writes, [exact, 'y\n']);
});

test('a line that is longer than a write goes out alone and whole', async () => {
  const { sink, writes } = createDescriptor();
  const long = `${'x'.repeat(5000)}\n`;
  for (const line of ['a\n', long, 'b\n']) sink.write(line);
  await turn();
  assert.deepEqual(writes, ['a\n', long, 'b\n']);
});

test('a reader that takes no more keeps the lines, and they go out later in order', async () => {
  const descriptor = createDescriptor();
  descriptor.behave = () => 'EAGAIN';
  descriptor.sink.write('a\n');
  await turn();
  descriptor.sink.write('b\n');
  descriptor.tick();
  assert.equal(descriptor.taken(), '');
  descriptor.behave = (bytes) => bytes;
  descriptor.tick();
  assert.equal(descriptor.taken(), 'a\nb\n');
  assert.equal(descriptor.dropped(), 0);
});

test('a reader that was only slow is asked again as soon as a pipe’s worth has gathered', async () => {
  const descriptor = createDescriptor();
  descriptor.behave = () => 'EAGAIN';
  descriptor.sink.write('a\n');
  await turn();
  descriptor.behave = (bytes) => bytes;
  const line = `${'x'.repeat(999)}\n`;
  for (let i = 0; i < 1_000; i++) descriptor.sink.write(line);
  assert.ok(descriptor.taken().length > 900_000);
  assert.equal(descriptor.dropped(), 0);
});

test('a reader that has stopped is asked less and less often, and at once after it took something', async () => {
  const descriptor = createDescriptor();
  descriptor.behave = () => 'EAGAIN';
  descriptor.sink.write('a long line\n');
  await turn();
  for (let i = 0; i < 6; i++) descriptor.tick();
  descriptor.behave = () => 3;
  descriptor.tick();
  assert.equal(descriptor.taken(), 'a long line\n');
  descriptor.behave = () => 'EAGAIN';
  descriptor.sink.write('b\n');
  await turn();
  assert.deepEqual(descriptor.delays, [1, 2, 4, 8, 16, 16, 16, 1]);
});

test('what a socket took in part is continued where it stopped', async () => {
  const descriptor = createDescriptor();
  let attempts = 0;
  descriptor.behave = (bytes) => (attempts++ % 2 === 0 ? Math.min(3, bytes) : 'EAGAIN');
  descriptor.sink.write('a long line\n');
  await turn();
  for (let i = 0; i < 10; i++) descriptor.tick();
  assert.equal(descriptor.taken(), 'a long line\n');
});

test('a reader that has stopped for long makes nothing grow: lines are dropped and counted', async () => {
  const descriptor = createDescriptor();
  descriptor.behave = () => 'EAGAIN';
  const line = `${'x'.repeat(999)}\n`;
  const count = 6_000;
  for (let i = 0; i < count; i++) {
    descriptor.sink.write(line);
    if (i % 100 === 0) await turn();
  }
  descriptor.tick();
  descriptor.behave = (bytes) => bytes;
  descriptor.tick();
  const kept = descriptor.taken().length / line.length;
  assert.ok(kept >= 4_100 && kept * line.length <= 4 * 2 ** 20 + 65_536 + 1_000, `${kept} kept`);
  assert.equal(descriptor.dropped(), count - kept);
});

for (const code of ['EPIPE', 'EBADF']) {
  test(`after ${code} nothing is written any more, and nothing is thrown or kept`, async () => {
    const descriptor = createDescriptor();
    descriptor.behave = () => code;
    descriptor.sink.write('a\n');
    await turn();
    descriptor.sink.write('b\n');
    await turn();
    descriptor.sink.flushAtExit();
    assert.deepEqual(descriptor.writes, ['a\n']);
  });
}
