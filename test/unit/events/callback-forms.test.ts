import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { exec } from '../../../src/events/exec.js';
import { provider } from '../../../src/events/provider.js';
import { request } from '../../../src/events/request.js';
import { sandbox } from '../../../src/events/sandbox.js';
import { session } from '../../../src/events/session.js';
import { startRuntime } from '../../support/runtime.js';

/** A promise type of an SDK, with a helper that lives on the object alone. */
class SdkPromise<T> extends Promise<T> {
  withResponse(): string {
    return 'response';
  }
}

/** The next rejection that nobody handles; the test runner's own listeners stand aside. */
function nextUnhandledRejection(t: TestContext): Promise<unknown> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  t.after(() => {
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return new Promise((resolve) => {
    process.once('unhandledRejection', resolve);
  });
}

/** Every form that takes a function, by name. */
const CALLBACK_FORMS: Readonly<Record<string, <T>(fn: () => T) => T>> = {
  'exec.run': (fn) => exec.run({}, fn),
  'session.within': (fn) => session.within('s', fn),
  'provider.call': (fn) => provider.call({ provider: 'openai' }, fn),
  'call.attempt': (fn) => provider.call({ provider: 'openai' }, (call) => call.attempt(fn)),
  'provider.attempt': (fn) => provider.call({ provider: 'openai' }, () => provider.attempt(fn)),
  'request.run': (fn) => request.run({ route: 'messages' }, fn),
  'sandbox.start': (fn) => sandbox.start({ id: 'c' }, fn),
  'sandbox.rebuild': (fn) => sandbox.rebuild({ id: 'c' }, fn),
};

for (const [name, form] of Object.entries(CALLBACK_FORMS)) {
  test(`${name} returns what its function returns, at once where that is no promise`, (t) => {
    startRuntime(t);
    const value = { some: 'value' };
    assert.equal(
      form(() => value),
      value,
    );
  });

  test(`${name} throws the very error that its function throws`, (t) => {
    startRuntime(t);
    const error = new Error('host');
    const form2 = (): never =>
      form(() => {
        throw error;
      });
    assert.throws(form2, (thrown) => thrown === error);
  });

  test(`${name} resolves to what its function resolves to`, async (t) => {
    startRuntime(t);
    const value = { some: 'value' };
    assert.equal(await form(() => Promise.resolve(value)), value);
  });

  test(`${name} rejects with the very error that its function rejects with`, async (t) => {
    startRuntime(t);
    const error = new Error('host');
    await assert.rejects(
      form(() => Promise.reject(error)),
      (thrown) => thrown === error,
    );
  });

  test(`${name} returns the very promise of an SDK's own type, with its helpers`, async (t) => {
    startRuntime(t);
    const promise = new SdkPromise<number>((resolve) => {
      resolve(1);
    });
    const returned = form(() => promise);
    assert.equal(returned, promise);
    assert.equal(returned.withResponse(), 'response');
    assert.equal(await returned, 1);
  });

  test(`${name} makes no unhandled rejection of its own beside an SDK's promise`, async (t) => {
    startRuntime(t);
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    t.after(() => process.removeListener('unhandledRejection', onUnhandled));
    const error = new Error('host');
    const returned = form(() => SdkPromise.reject(error));
    await assert.rejects(returned, (thrown) => thrown === error);
    await new Promise(setImmediate);
    assert.deepEqual(unhandled, []);
  });

  test(`${name} leaves a rejection that its caller does not handle unhandled`, async (t) => {
    startRuntime(t);
    const error = new Error('host');
    const unhandled = nextUnhandledRejection(t);
    void form(() => Promise.reject(error));
    assert.equal(await unhandled, error);
  });

  test(`${name} does not change what a failing recording would have returned`, (t) => {
    const { runtime } = startRuntime(t);
    t.mock.method(runtime.tracing(), 'startSpan', () => {
      throw new Error('broken SDK');
    });
    assert.equal(
      form(() => 42),
      42,
    );
  });
}
