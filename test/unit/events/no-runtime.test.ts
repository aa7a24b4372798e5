import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exec } from '../../../src/events/exec.js';
import { provider } from '../../../src/events/provider.js';
import { request } from '../../../src/events/request.js';
import { currentRuntime } from '../../../src/events/runtime.js';
import { sandbox } from '../../../src/events/sandbox.js';
import { session } from '../../../src/events/session.js';

/** Every form that takes a function, by name. */
const CALLBACK_FORMS: Readonly<Record<string, <T>(fn: () => T) => T>> = {
  'exec.run': (fn) => exec.run({}, fn),
  'session.within': (fn) => session.within('s', fn),
  'provider.call': (fn) => provider.call({ provider: 'openai' }, fn),
  'provider.attempt': (fn) => provider.attempt(fn),
  'call.attempt': (fn) => provider.call({ provider: 'openai' }, (call) => call.attempt(fn)),
  'request.run': (fn) => request.run({ route: 'messages' }, fn),
  'sandbox.start': (fn) => sandbox.start({ id: 'c' }, fn),
  'sandbox.rebuild': (fn) => sandbox.rebuild({ id: 'c' }, fn),
};

test('there is no runtime unless one is installed', () => {
  assert.equal(currentRuntime(), undefined);
});

for (const [name, form] of Object.entries(CALLBACK_FORMS)) {
  test(`without a runtime ${name} calls its function once and returns what it returns`, () => {
    let calls = 0;
    const value = { some: 'value' };
    const returned = form(() => {
      calls++;
      return value;
    });
    assert.equal(returned, value);
    assert.equal(calls, 1);
  });

  test(`without a runtime ${name} returns the very promise that its function returned`, () => {
    const promise = Promise.resolve(1);
    assert.equal(
      form(() => promise),
      promise,
    );
  });

  test(`without a runtime ${name} throws what its function throws`, () => {
    const error = new Error('host');
    assert.throws(
      () =>
        form(() => {
          throw error;
        }),
      (thrown) => thrown === error,
    );
  });
}

test('without a runtime every handle can be used and every event is a no-op', () => {
  const run = exec.start();
  run.truncated();
  run.end('success');
  const call = provider.start({ provider: 'openai' });
  call.attemptFailed({ status: 503 });
  call.used({ inputTokens: 1 });
  call.end();
  request.start({ route: 'messages' }).end({ ok: true });
  const message = session.message('s');
  message.located({ sandbox: 'c' });
  message.eventSent('done');
  message.end();
  exec.rejected('payload');
  session.created({ id: 's' });
  session.touched('s');
  session.paused('s');
  session.expired('s');
  session.resumed({ id: 's', path: 'warm' });
  session.ended('s');
  provider.circuitOpened('openai');
  request.identified({ tenant: '1' });
  request.rateLimited({ reason: 'rate_limit' });
  request.idempotencyLookedUp('miss');
  sandbox.changed('c', 'warm');
  sandbox.reaped('c');
  sandbox.stopped('c');
  sandbox.observePool(() => ({}))();
  assert.equal(currentRuntime(), undefined);
});
