import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { exec, type ExecOptions } from '../../../src/events/exec.js';
import type { ExecResult } from '../../../src/catalog/vocabulary.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

const IN_FLIGHT = 'wasmrun_agent_exec_in_flight';

function results({ sample }: TestRuntime): (number | undefined)[] {
  return ['success', 'error', 'timeout'].map((result) =>
    sample(`wasmrun_agent_exec_total{result="${result}"}`),
  );
}

const ENDED: readonly [ExecResult, number[]][] = [
  ['success', [1, 0, 0]],
  ['error', [0, 1, 0]],
  ['timeout', [0, 0, 1]],
];

for (const [result, expected] of ENDED) {
  test(`an execution that ends as ${result} is counted under that result, with its duration`, (t) => {
    const agent = startRuntime(t);
    const run = exec.start();
    assert.equal(agent.sample(IN_FLIGHT), 1);
    agent.advance(12.5);
    run.end(result);
    assert.deepEqual(results(agent), expected);
    assert.equal(agent.sample(IN_FLIGHT), 0);
    assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_sum'), 12);
    assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_count'), 1);
  });
}

class CustomTimeout extends Error {
  override readonly name = 'TimeoutError';
}

const FUNCTIONS: readonly [string, () => unknown, number[]][] = [
  ['returns', () => 1, [1, 0, 0]],
  ['resolves', () => Promise.resolve(1), [1, 0, 0]],
  [
    'resolves a thenable',
    () => ({
      then: (done: (value: number) => void) => {
        done(1);
      },
    }),
    [1, 0, 0],
  ],
  [
    'throws',
    () => {
      throw new Error('x');
    },
    [0, 1, 0],
  ],
  [
    'throws what is no error',
    () => {
      throw 'x' as unknown as Error;
    },
    [0, 1, 0],
  ],
  ['rejects', () => Promise.reject(new Error('x')), [0, 1, 0]],
  [
    'rejects with an AbortError',
    () => Promise.reject(new DOMException('x', 'AbortError')),
    [0, 1, 0],
  ],
  [
    'throws a TimeoutError',
    () => {
      throw new CustomTimeout();
    },
    [0, 0, 1],
  ],
  [
    'rejects with a TimeoutError',
    () => Promise.reject(new DOMException('x', 'TimeoutError')),
    [0, 0, 1],
  ],
];

for (const [how, fn, expected] of FUNCTIONS) {
  test(`exec.run of a function that ${how} ends by itself, once`, async (t) => {
    const agent = startRuntime(t);
    await new Promise((resolve) => {
      resolve(exec.run({}, fn));
    }).catch(() => undefined);
    assert.deepEqual(results(agent), expected);
    assert.equal(agent.sample(IN_FLIGHT), 0);
    assert.equal(agent.spans().length, 1);
  });
}

test('exec.run keeps the result that its function has given', async (t) => {
  const agent = startRuntime(t);
  await exec.run({}, async (run) => {
    run.end('error');
    await Promise.resolve();
  });
  assert.deepEqual(results(agent), [0, 1, 0]);
  assert.deepEqual(agent.problems, []);
});

const SIGNALS: readonly [string, (options: ExecOptions) => void][] = [
  ['exec.start', (options) => void exec.start(options)],
  ['exec.run', (options) => void exec.run(options, () => new Promise(() => undefined))],
];

for (const [form, start] of SIGNALS) {
  test(`an abort ends an execution of ${form} as an error`, (t) => {
    const agent = startRuntime(t);
    const controller = new AbortController();
    start({ signal: controller.signal });
    assert.equal(agent.sample(IN_FLIGHT), 1);
    controller.abort();
    assert.deepEqual(results(agent), [0, 1, 0]);
    assert.equal(agent.sample(IN_FLIGHT), 0);
  });

  test(`a deadline ends an execution of ${form} as a timeout`, async (t) => {
    const agent = startRuntime(t);
    const signal = AbortSignal.timeout(1);
    const fired = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    start({ signal });
    // The timer of a deadline holds no event loop open.
    const hold = setTimeout(() => undefined, 10_000);
    await fired;
    clearTimeout(hold);
    assert.deepEqual(results(agent), [0, 0, 1]);
  });

  test(`an execution of ${form} whose signal fired before it began is over at once`, (t) => {
    const agent = startRuntime(t);
    start({ signal: AbortSignal.abort() });
    assert.deepEqual(results(agent), [0, 1, 0]);
    assert.equal(agent.sample(IN_FLIGHT), 0);
    assert.deepEqual(agent.problems, []);
  });
}

test('an undocumented result is an error', (t) => {
  const agent = startRuntime(t);
  exec.start().end('exploded' as ExecResult);
  assert.deepEqual(results(agent), [0, 1, 0]);
  assert.equal(agent.spans()[0]?.status.code, SpanStatusCode.ERROR);
});
