import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../../../src/events/provider-failure.js';
import type { ServerRequest } from '../../../../src/events/server-request.js';
import {
  LogicalCalls,
  type LogicalCall,
  type SentAttempt,
} from '../../../../src/instrumentation/provider/logical-calls.js';
import { startRuntime, type TestRuntime } from '../../../support/runtime.js';

const OVERLOADED: Failure = { cause: 'upstream', errorType: '503' };

interface Started {
  readonly agent: TestRuntime;
  readonly calls: LogicalCalls;
  /** Sends an attempt. */
  readonly send: (attempt?: Partial<SentAttempt>) => LogicalCall;
  /** Sends one that fails, and waits for its retry. */
  readonly fail: (attempt?: Partial<SentAttempt>) => LogicalCall;
  /** Lets milliseconds pass for timers. */
  readonly tick: (ms: number) => void;
  /** Calls and retries so far. */
  readonly counts: () => (number | undefined)[];
}

/** Timers that run when they are told to: those of the test runner differ within Node 20. */
function holdTimers(t: Parameters<typeof startRuntime>[0]): Started['tick'] {
  const timers = new Map<object, { readonly due: number; readonly run: () => void }>();
  let now = 0;
  t.mock.method(globalThis, 'setTimeout', (run: () => void, ms: number) => {
    const timer = { unref: () => timer };
    timers.set(timer, { due: now + ms, run });
    return timer;
  });
  t.mock.method(globalThis, 'clearTimeout', (timer: object) => timers.delete(timer));
  return (ms) => {
    now += ms;
    for (const [timer, { due, run }] of timers) {
      if (due <= now && timers.delete(timer)) run();
    }
  };
}

function start(t: Parameters<typeof startRuntime>[0]): Started {
  const tick = holdTimers(t);
  const agent = startRuntime(t);
  const { runtime } = agent;
  const calls = new LogicalCalls(runtime);
  const send = (attempt: Partial<SentAttempt> = {}): LogicalCall =>
    calls.admit({
      request: {
        provider: 'openai',
        operation: 'chat',
        model: undefined,
        isCertain: true,
        isStream: false,
      },
      target: 'host:443/v1/chat/completions',
      digest: 'body',
      model: 'm',
      retryCount: undefined,
      scope: undefined,
      context: runtime.tracing().active(),
      startedAt: runtime.now(),
      attributes: {},
      ...attempt,
    });
  return {
    agent,
    calls,
    send,
    tick,
    fail: (attempt) => {
      const call = send(attempt);
      const endedAt = runtime.now();
      calls.awaitNext(call, {
        settle: () => {
          call.recording.attemptFailed(OVERLOADED);
          return { failure: OVERLOADED, endedAt };
        },
      });
      return call;
    },
    counts: () =>
      ['calls', 'retries'].map((family) =>
        agent.sample(`arbiter_provider_${family}_total{provider="openai"}`),
      ),
  };
}

test('the same body at the same place after a failure is the same call', (t) => {
  const { send, fail, counts } = start(t);
  const first = fail();
  assert.equal(send(), first);
  assert.deepEqual(counts(), [1, 1]);
});

const OTHERS: Readonly<Record<string, Partial<SentAttempt>>> = {
  'another body': { digest: 'other' },
  'another place': { target: 'host:443/v1/responses' },
  'another server request': {
    scope: { onEnd: () => () => undefined, workBegan: () => undefined } as unknown as ServerRequest,
  },
  'an SDK that says that it is the first attempt': { retryCount: 0 },
};

for (const [what, other] of Object.entries(OTHERS)) {
  test(`${what} after a failure is another call`, (t) => {
    const { send, fail, counts } = start(t);
    fail();
    send(other);
    assert.deepEqual(counts(), [2, 0]);
  });
}

test('a call without a failure is followed by another call', (t) => {
  const { send, counts } = start(t);
  send();
  send();
  assert.deepEqual(counts(), [2, 0]);
});

test('a connection that was refused had no body to compare', (t) => {
  const { send, fail, counts } = start(t);
  fail({ digest: undefined });
  send();
  assert.deepEqual(counts(), [1, 1]);
});

test('a retry that its SDK numbers is one, even where the async context was lost', (t) => {
  const { agent, send, fail, counts } = start(t);
  const first = fail({ retryCount: 0, scope: agent.incoming() });
  assert.equal(send({ retryCount: 1 }), first);
  assert.deepEqual(counts(), [1, 1]);
});

test('a numbered retry whose call is not known is a retry and no call', (t) => {
  const { agent, send, calls, counts } = start(t);
  send({ retryCount: 2 }).end({ failure: undefined, endedAt: agent.runtime.now() });
  assert.deepEqual(counts(), [0, 1]);
  assert.equal(agent.span('chat m').attributes['agent.provider.attempts'], 3);
  calls.endAll();
});

test('of two calls of one body a numbered retry continues the one that has come so far', (t) => {
  const { fail, send } = start(t);
  const one = fail({ retryCount: 0 });
  fail({ retryCount: 1 });
  const other = fail({ retryCount: 0 });
  assert.equal(send({ retryCount: 2 }), one);
  assert.equal(send({ retryCount: 1 }), other);
});

test('a call that nobody tries again ends after a minute, with its last attempt', (t) => {
  const { agent, fail, tick } = start(t);
  const startedAt = agent.runtime.now();
  agent.advance(250);
  fail({ startedAt });
  agent.advance(60_000);
  tick(59_999);
  assert.deepEqual(agent.spans(), []);
  tick(1);
  const { attributes, duration } = agent.span('chat m');
  assert.equal(attributes['error.type'], '503');
  assert.equal(Math.round(duration[0] * 1000 + duration[1] / 1e6), 250);
  const { sums } = agent.ledger.tables.genAiOperationDuration.snapshot();
  assert.deepEqual([...sums], [250]);
});

test('after a minute the same is another call', (t) => {
  const { fail, send, counts, tick } = start(t);
  fail();
  tick(60_000);
  send();
  assert.deepEqual(counts(), [2, 0]);
});

test('a call that waits is over with its server request; a later retry still is one', (t) => {
  const { agent, fail, send, counts } = start(t);
  const scope = agent.incoming();
  const first = fail({ scope });
  scope.end({ status: 502, outcome: 'completed' });
  assert.equal(agent.span('chat m').attributes['error.type'], '503');
  const second = send({ scope });
  assert.notEqual(second, first);
  second.end({ failure: undefined, endedAt: agent.runtime.now() });
  assert.deepEqual(counts(), [1, 1]);
  const attempts = agent.spans().map(({ attributes }) => attributes['agent.provider.attempts']);
  assert.deepEqual(attempts, [1, undefined, 2]);
});

test('no more than a thousand failures are remembered', (t) => {
  const { agent, fail } = start(t);
  for (let i = 0; i < 1_010; i++) fail({ digest: String(i) });
  assert.equal(agent.spans().length, 10);
});

test('all that waits ends when the process does', (t) => {
  const { agent, fail, calls } = start(t);
  fail();
  fail({ digest: 'other' });
  calls.endAll();
  assert.equal(agent.spans().length, 2);
  calls.endAll();
  assert.equal(agent.spans().length, 2);
});
