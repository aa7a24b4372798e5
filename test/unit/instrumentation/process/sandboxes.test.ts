import assert from 'node:assert/strict';
import childProcess, { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import workerThreads from 'node:worker_threads';
import { sandbox } from '../../../../src/events/sandbox.js';
import { FOREVER, followProcesses, script, type ProcessTest } from '../../../support/processes.js';
import { waitFor } from '../../../support/wait.js';

const RULES = [{ as: 'sandbox' }] as const;
const ECHO = 'process.on("message", (m) => process.send(m));';

const states = ({ sample }: ProcessTest): Record<string, number> =>
  Object.fromEntries(
    ['warming', 'warm', 'running']
      .map((state) => [state, sample(`ash_pool_sandboxes{state="${state}"}`) ?? 0] as const)
      .filter(([, count]) => count > 0),
  );

const reach = (agent: ProcessTest, wanted: Record<string, number>): Promise<unknown> =>
  waitFor(() => JSON.stringify(states(agent)) === JSON.stringify(wanted), {
    what: JSON.stringify(wanted),
  });

/** Node keeps messages back until somebody listens. */
const withIpc = (code: string): ChildProcess =>
  childProcess
    .spawn(...script(code), { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] })
    .on('message', () => undefined);

const counts = ({ sample }: ProcessTest): unknown[] =>
  ['started', 'reaped', 'rebuilt'].map((what) => sample(`arbiter_sandbox_container_${what}_total`));

const LIFE: readonly [string, string][] = [
  ['message', `process.send(1); ${FOREVER}`],
  ['output', `console.log(1); ${FOREVER}`],
  ['error output', `console.error(1); ${FOREVER}`],
];

for (const [sign, code] of LIFE) {
  test(`a child is warming until its first ${sign}, then warm, and gone at its exit`, async (t) => {
    const agent = followProcesses(t, { rules: RULES });
    const child = withIpc(code);
    assert.deepEqual(states(agent), { warming: 1 });
    await reach(agent, { warm: 1 });
    assert.deepEqual(counts(agent), [1, 0, 0]);
    assert.equal(agent.span('sandbox.start').attributes['agent.sandbox.id'], 'process-1');
    agent.inRequest(() => child.kill());
    await once(child, 'exit');
    assert.deepEqual(states(agent), {});
    assert.deepEqual(counts(agent), [1, 0, 0]);
    agent.span('sandbox.stopped');
    assert.deepEqual(await agent.results(), [0, 0, 0]);
  });
}

test('a child that can say nothing is warm as soon as it was started', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  const child = childProcess.spawn('sleep', ['30'], { stdio: 'ignore' });
  assert.deepEqual(states(agent), { warm: 1 });
  child.kill();
  await once(child, 'exit');
});

test('a child that ends before it showed life was never started', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  await once(withIpc('process.exit(1)'), 'exit');
  await once(childProcess.spawn('/nowhere'), 'error');
  assert.deepEqual(states(agent), {});
  assert.deepEqual(counts(agent), [0, 0, 0]);
});

test('a child is running while a request that gave it something to do is handled', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  const child = withIpc(`process.send('ready'); ${ECHO}`);
  await once(child, 'message');
  child.send('outside');
  await once(child, 'message');
  assert.deepEqual(states(agent), { warm: 1 });
  const [first, second] = [agent.incoming(), agent.incoming()];
  first.handle(() => child.send(1));
  first.handle(() => child.stdin?.write('more'));
  second.handle(() => child.stdin?.write('more'));
  assert.deepEqual(states(agent), { running: 1 });
  first.end({ status: 200, outcome: 'completed' });
  assert.deepEqual(states(agent), { running: 1 });
  second.end({ status: undefined, outcome: 'aborted' });
  assert.deepEqual(states(agent), { warm: 1 });
  first.handle(() => child.send('in a request that is over'));
  assert.deepEqual(states(agent), { warm: 1 });
  child.kill();
  await once(child, 'exit');
  assert.deepEqual(agent.problems, []);
});

test('a child that is ended outside of any request was reaped', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  const child = withIpc(`process.send(1); ${FOREVER}`);
  await once(child, 'message');
  child.kill();
  await once(child, 'exit');
  assert.deepEqual(counts(agent), [1, 1, 0]);
});

test('so was one that is ended by a timer that an earlier request has set', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  const child = withIpc(`process.send(1); ${FOREVER}`);
  await once(child, 'message');
  agent.inRequest(() => setTimeout(() => child.kill(), 30));
  agent.request.end({ status: 200, outcome: 'completed' });
  await once(child, 'exit');
  assert.deepEqual(counts(agent), [1, 1, 0]);
});

test('a child that ends by itself was not reaped', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  await once(withIpc('process.send(1, () => process.exit(0))'), 'exit');
  assert.deepEqual(counts(agent), [1, 0, 0]);
});

test('a worker thread is a sandbox by its rule, warm when it is online', async (t) => {
  const agent = followProcesses(t, { rules: [{ kind: 'worker', as: 'sandbox' }] });
  const worker = new workerThreads.Worker(FOREVER, { eval: true });
  assert.deepEqual(states(agent), { warming: 1 });
  await once(worker, 'online');
  await reach(agent, { warm: 1 });
  agent.inRequest(() => {
    worker.postMessage(1);
  });
  assert.deepEqual(states(agent), { running: 1 });
  agent.request.end({ status: 200, outcome: 'completed' });
  await worker.terminate();
  assert.deepEqual(states(agent), {});
  assert.deepEqual(counts(agent), [1, 1, 0]);
});

test('a host that reports its sandboxes itself has none counted for it', async (t) => {
  const agent = followProcesses(t, { rules: RULES });
  const child = sandbox.start({ id: 'mine' }, () => childProcess.spawn('sleep', ['30']));
  assert.deepEqual(states(agent), { warm: 1 });
  sandbox.stopped('mine');
  assert.deepEqual(states(agent), {});
  child.kill();
  await once(child, 'exit');
});
