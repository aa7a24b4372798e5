import assert from 'node:assert/strict';
import childProcess, { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import workerThreads from 'node:worker_threads';
import { FOREVER, followProcesses, script, type ProcessTest } from '../../../support/processes.js';
import { waitFor } from '../../../support/wait.js';

/** Answers what it is told to answer, and hangs where it is told nothing. */
const CODE = `
  process.on('message', (m) => { for (const answer of m.answers ?? []) process.send(answer); });
  process.send({ kind: 'ready', result: 'error' });`;
const RULE = {
  as: 'sandbox',
  exec: {
    on: { message: ['$.kind'], values: ['run'] },
    result: [{ message: ['$.result'] }],
    truncated: { message: ['$.cut'] },
  },
} as const;

async function started(agent: ProcessTest): Promise<ChildProcess> {
  const child = childProcess.spawn(...script(CODE), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await once(child, 'message');
  assert.equal(agent.sample('ash_pool_sandboxes{state="warm"}'), 1);
  return child;
}

const sandboxExecs = ({ sample }: ProcessTest): unknown[] => [
  sample('arbiter_sandbox_exec_total'),
  sample('arbiter_sandbox_exec_timeout_total'),
  sample('wasmrun_agent_output_truncated_total'),
];

const lives = ({ sample }: ProcessTest): unknown[] =>
  ['started', 'reaped', 'rebuilt'].map((what) => sample(`arbiter_sandbox_container_${what}_total`));

test('a message that begins an execution is one, until a message says how it ended', async (t) => {
  const agent = followProcesses(t, { rules: [RULE] });
  const child = await started(agent);
  const tell = async (message: object, replies: number): Promise<void> => {
    agent.inRequest(() => child.send(message));
    for (let i = 0; i < replies; i++) await once(child, 'message');
  };
  await tell({ kind: 'ping', answers: [{ result: 'success' }] }, 1);
  assert.deepEqual(await agent.results(), [0, 0, 0]);
  const answers = [{ text: 'a chunk' }, { result: 'timeout', cut: 12 }];
  await tell({ kind: 'run', answers }, 2);
  assert.deepEqual(await agent.results(), [0, 0, 1]);
  await tell({ kind: 'run', answers: [{ result: 'error', cut: 0 }, { result: 'success' }] }, 2);
  assert.deepEqual(await agent.results(), [0, 1, 1]);
  assert.deepEqual(sandboxExecs(agent), [2, 1, 1]);
  child.send({ kind: 'run', answers: [{ result: 'success' }] });
  await once(child, 'message');
  assert.deepEqual(await agent.results(), [0, 1, 1], 'a probe is for no request');
  child.kill();
  await once(child, 'exit');
});

for (const [what, ends, results] of [
  ['is ended by its host', (child: ChildProcess) => child.kill('SIGKILL'), [0, 0, 1]],
  ['dies', (child: ChildProcess) => process.kill(child.pid ?? 0, 'SIGSEGV'), [0, 1, 0]],
] as const) {
  test(`an execution whose sandbox ${what} has its result from that`, async (t) => {
    const agent = followProcesses(t, { rules: [RULE] });
    const child = await started(agent);
    agent.inRequest(() => child.send({ kind: 'run' }));
    assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
    ends(child);
    await once(child, 'exit');
    assert.deepEqual(await agent.results(), results);
  });
}

test('a sandbox that owes an answer and is replaced at once was rebuilt', async (t) => {
  const agent = followProcesses(t, { rules: [RULE] });
  const child = await started(agent);
  child.send({ kind: 'ping' });
  child.kill('SIGKILL');
  const next = childProcess.spawn(...script(CODE), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await Promise.all([once(child, 'exit'), once(next, 'message')]);
  assert.deepEqual(lives(agent), [1, 0, 1]);
  agent.span('sandbox.rebuild');
  next.kill();
  await once(next, 'exit');
  assert.deepEqual(lives(agent), [1, 1, 1]);
});

test('one that has answered, or is not replaced at once, was not', async (t) => {
  const agent = followProcesses(t, { rules: [RULE] });
  const child = await started(agent);
  child.kill('SIGKILL');
  const next = await Promise.all([once(child, 'exit'), startedBeside()]).then(([, other]) => other);
  next.send({ kind: 'ping' });
  next.kill('SIGKILL');
  await once(next, 'exit');
  const last = await started(agent);
  assert.deepEqual(lives(agent), [3, 2, 0]);
  last.kill();
  await once(last, 'exit');
});

async function startedBeside(): Promise<ChildProcess> {
  const child = childProcess.spawn(...script(CODE), {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

test('a worker that is one execution says in a message how it ended', async (t) => {
  const rule = { kind: 'worker', as: 'exec', exec: { result: [{ message: ['$.ok'] }] } } as const;
  const agent = followProcesses(t, { rules: [rule] });
  for (const ok of [false, true]) {
    const code = `require('node:worker_threads').parentPort.postMessage({ ok: ${ok} })`;
    await once(
      agent.inRequest(() => new workerThreads.Worker(code, { eval: true })),
      'exit',
    );
  }
  assert.deepEqual(await agent.results(), [1, 1, 0]);
});

test('a pooled worker executes what it is posted', async (t) => {
  const agent = followProcesses(t, { rules: [{ kind: 'worker', as: 'sandbox', exec: {} }] });
  const code = `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', () => parentPort.postMessage('done')); ${FOREVER}`;
  const worker = new workerThreads.Worker(code, { eval: true });
  await once(worker, 'online');
  agent.inRequest(() => {
    worker.postMessage('a task');
  });
  await once(worker, 'message');
  assert.deepEqual(await agent.results(), [1, 0, 0]);
  await worker.terminate();
  await waitFor(() => agent.sample('ash_active_sandboxes') === 0);
});
