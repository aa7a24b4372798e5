import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDescriptor } from './fake-descriptor.js';

test('flushAtExit writes what was gathered without another turn of the loop', () => {
  const { sink, taken } = createDescriptor();
  sink.write('a\n');
  sink.flushAtExit();
  assert.equal(taken(), 'a\n');
});

test('what is still said after flushAtExit is written as it comes', () => {
  const { sink, taken } = createDescriptor();
  sink.flushAtExit();
  sink.write('a\n');
  sink.write('b\n');
  assert.equal(taken(), 'a\nb\n');
});

test('flushAtExit waits for a slow reader', () => {
  const descriptor = createDescriptor();
  let attempts = 0;
  descriptor.behave = (bytes) => (attempts++ < 3 ? 'EAGAIN' : bytes);
  descriptor.sink.write('a\n');
  descriptor.sink.flushAtExit();
  assert.equal(descriptor.taken(), 'a\n');
});

test('flushAtExit gives a reader up that has stopped, within its bound', () => {
  const descriptor = createDescriptor();
  descriptor.behave = () => 'EAGAIN';
  descriptor.sink.write('a\n');
  const started = performance.now();
  descriptor.sink.flushAtExit();
  assert.ok(performance.now() - started < 2_000);
  assert.ok(descriptor.writes.length > 1);
});
