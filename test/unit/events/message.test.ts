import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { session } from '../../../src/events/session.js';
import { UNTIMED } from '../../../src/events/message.js';
import { startRuntime } from '../../support/runtime.js';

function setTiming(t: TestContext, value: string | undefined): void {
  const before = process.env['ASH_DEBUG_TIMING'];
  const set = (wanted: string | undefined): void => {
    if (wanted === undefined) delete process.env['ASH_DEBUG_TIMING'];
    else process.env['ASH_DEBUG_TIMING'] = wanted;
  };
  set(value);
  t.after(() => {
    set(before);
  });
}

test('a timed message has its look-up, first event, total and count in its span', (t) => {
  setTiming(t, '1');
  const agent = startRuntime(t);
  const message = session.message('s1');
  agent.advance(0.42);
  message.located({ sandbox: 'c1' });
  agent.advance(1);
  message.eventSent('session_start');
  agent.advance(144.38);
  message.eventSent('text');
  agent.advance(100);
  message.eventSent('done');
  message.end();
  const { attributes } = agent.span('session.message');
  const rounded = Object.entries(attributes).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 100) / 100 : value,
  ]);
  assert.deepEqual(Object.fromEntries(rounded), {
    'agent.session.id': 's1',
    'agent.sandbox.id': 'c1',
    'agent.message.lookup_ms': 0.42,
    'agent.message.first_event_ms': 145.8,
    'agent.message.total_ms': 245.8,
    'agent.message.event_count': 3,
  });
});

test('times run from the arrival of the HTTP request', (t) => {
  setTiming(t, '1');
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  agent.advance(5);
  incoming.handle(() => {
    const message = session.message('s1');
    message.located({ sandbox: 'c1' });
    agent.advance(5);
    message.end();
  });
  const { attributes } = agent.span('session.message');
  assert.equal(attributes['agent.message.lookup_ms'], 5);
  assert.equal(attributes['agent.message.total_ms'], 10);
});

test('without an event after session_start the first event is at 0, and all are counted', (t) => {
  setTiming(t, '1');
  const agent = startRuntime(t);
  const message = session.message('s1');
  agent.advance(5);
  message.eventSent('session_start');
  message.end();
  const { attributes } = agent.span('session.message');
  assert.equal(attributes['agent.message.first_event_ms'], 0);
  assert.equal(attributes['agent.message.event_count'], 1);
});

test('a client that leaves ends the message, once', (t) => {
  setTiming(t, '1');
  const agent = startRuntime(t);
  const incoming = agent.incoming();
  const message = incoming.handle(() => session.message('s1'));
  agent.advance(7);
  incoming.end({ status: 200, outcome: 'aborted' });
  agent.advance(7);
  message.end();
  assert.equal(agent.span('session.message').attributes['agent.message.total_ms'], 7);
});

for (const value of [undefined, '', '0', 'true', 'yes']) {
  test(`with ASH_DEBUG_TIMING=${String(value)} a message is not timed and costs no span`, (t) => {
    setTiming(t, value);
    const agent = startRuntime(t);
    const message = session.message('s1');
    assert.equal(message, UNTIMED);
    message.end();
    assert.deepEqual(agent.spans(), []);
  });
}

test('the variable is read at each message, so it can be switched while running', (t) => {
  setTiming(t, '0');
  const agent = startRuntime(t);
  session.message('off').end();
  process.env['ASH_DEBUG_TIMING'] = '1';
  session.message('on').end();
  process.env['ASH_DEBUG_TIMING'] = '0';
  session.message('off again').end();
  assert.deepEqual(
    agent.spans().map(({ attributes }) => attributes['agent.session.id']),
    ['on'],
  );
});
