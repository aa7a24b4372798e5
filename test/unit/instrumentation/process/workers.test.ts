import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import workerThreads, { type Worker } from 'node:worker_threads';
import { FOREVER, followProcesses } from '../../../support/processes.js';

const start = (code: string): Worker =>
  new workerThreads.Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, {
    eval: true,
    stderr: true,
  });
const swallow = (worker: Worker): Worker => worker.once('error', () => undefined);

const CASES: readonly [string, number[], () => Worker][] = [
  ['ends', [1, 0, 0], () => start('')],
  ['exits with 0', [1, 0, 0], () => start('process.exit(0)')],
  ['exits with 3', [0, 1, 0], () => start('process.exit(3)')],
  ['throws', [0, 1, 0], () => swallow(start('throw new Error("x")'))],
  [
    'is terminated once it has answered',
    [1, 0, 0],
    () => {
      const worker = start(`parentPort.postMessage(1); ${FOREVER}`);
      worker.once('message', () => void worker.terminate());
      return worker;
    },
  ],
  [
    'is terminated before it has answered',
    [0, 1, 0],
    () => {
      const worker = start(FOREVER);
      worker.once('online', () => void worker.terminate());
      return worker;
    },
  ],
  [
    'is terminated by a timer',
    [0, 0, 1],
    () => {
      const worker = start(`parentPort.postMessage(1); ${FOREVER}`);
      worker.once('message', () => setTimeout(() => void worker.terminate(), 10));
      return worker;
    },
  ],
];

for (const [what, expected, run] of CASES) {
  test(`a worker thread that ${what} is one execution: ${expected.join(' ')}`, async (t) => {
    const agent = followProcesses(t);
    const worker = agent.inRequest(run);
    assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
    await once(worker, 'exit').catch(() => once(worker, 'exit'));
    assert.deepEqual(await agent.results(), expected);
    assert.deepEqual(agent.problems, []);
  });
}

test('a worker thread that is terminated because its client has left is an error', async (t) => {
  const agent = followProcesses(t);
  const worker = agent.inRequest(() => start(`parentPort.postMessage('part'); ${FOREVER}`));
  await once(worker, 'message');
  agent.request.end({ status: 200, outcome: 'aborted' });
  await worker.terminate();
  assert.deepEqual(await agent.results(), [0, 1, 0]);
});

test('a worker thread that cannot be made is an error', async (t) => {
  const agent = followProcesses(t);
  assert.throws(() => agent.inRequest(() => new workerThreads.Worker('no/absolute/path')));
  assert.deepEqual(await agent.results(), [0, 1, 0]);
});

test('a worker thread outside of any request is not counted', async (t) => {
  const agent = followProcesses(t);
  await once(start(''), 'exit');
  assert.deepEqual(await agent.results(), [0, 0, 0]);
});

test('a rule names a worker thread by its file', async (t) => {
  const agent = followProcesses(t, { rules: [{ kind: 'worker', command: 'job.*', as: 'exec' }] });
  const url = new URL('data:text/javascript,');
  await once(new workerThreads.Worker(url), 'exit');
  assert.deepEqual(await agent.results(), [0, 0, 0]);
  const worker = new workerThreads.Worker('/nowhere/job.js');
  await assert.rejects(once(worker, 'exit'));
  assert.deepEqual(await agent.results(), [0, 1, 0]);
});
