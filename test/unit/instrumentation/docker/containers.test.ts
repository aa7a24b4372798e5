import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import type Docker from 'dockerode';
import type { ContainerRule } from '../../../../src/config/rules.js';
import { sandbox } from '../../../../src/events/sandbox.js';
import { followDocker, type DockerTest } from '../../../support/docker.js';
import { waitFor } from '../../../support/wait.js';

test('a container that is created and started is one sandbox, with the span of its start', async (t) => {
  const agent = await followDocker(t);
  const { id } = await agent.inRequest(() => agent.start());
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
  const span = agent.span('sandbox.start');
  assert.equal(span.attributes['agent.sandbox.id'], id);
  assert.equal(span.parentSpanContext?.spanId, agent.request.id);
  assert.equal(agent.sample('ash_pool_sandboxes{state="warm"}'), 1);
});

test('a container that cannot be started was not', async (t) => {
  const agent = await followDocker(t);
  await assert.rejects(agent.start({ Image: 'broken' }));
  assert.deepEqual(agent.containers(), [0, 0, 0, 0]);
  assert.equal(agent.sample('ash_pool_sandboxes{state="warming"}'), 0);
});

test('a start that finds it running has started nothing', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  await container.start().catch(() => undefined);
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});

const ENDS: readonly [string, (container: Docker.Container) => Promise<unknown>][] = [
  ['stop', (container) => container.stop()],
  ['kill', (container) => container.kill()],
  ['remove', (container) => container.remove({ force: true })],
  [
    'stop and remove',
    async (container) => {
      await container.stop();
      await container.remove();
    },
  ],
];

for (const [what, end] of ENDS) {
  test(`${what} outside of any request is the idle reaper’s`, async (t) => {
    const agent = await followDocker(t);
    await end(await agent.start());
    assert.deepEqual(agent.containers(), [1, 1, 0, 0]);
  });

  test(`${what} in a request is not`, async (t) => {
    const agent = await followDocker(t);
    await agent.inRequest(async () => end(await agent.start()));
    assert.deepEqual(agent.containers(), [1, 0, 0, 0]);
    agent.span('sandbox.stopped');
  });
}

test('stop by a timer that an earlier request has set is the idle reaper’s', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    setTimeout(() => void container.stop(), 20);
  });
  agent.request.end({ status: 200, outcome: 'completed' });
  await waitFor(() => agent.containers()[3] === 0);
  assert.deepEqual(agent.containers(), [1, 1, 0, 0]);
});

test('a signal that does not end a container leaves it alone', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  await container.kill({ signal: 'SIGHUP' });
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});

const FOUND_OUT: readonly [string, (container: Docker.Container) => Promise<unknown>][] = [
  ['waits for it', (container) => container.wait()],
  ['inspects it', (container) => container.inspect()],
  [
    'executes something in it',
    (container) => container.exec({ Cmd: ['echo'] }).catch(() => undefined),
  ],
];

for (const [how, look] of FOUND_OUT) {
  test(`a container that has ended by itself is gone when the host ${how}`, async (t) => {
    const agent = await followDocker(t);
    const container = await agent.start();
    agent.engine.crash('box', 1);
    await look(container);
    assert.deepEqual(agent.containers(), [1, 0, 0, 0]);
  });
}

test('a host that waits from the start learns of the end when it comes', async (t) => {
  const agent = await followDocker(t);
  const ended = (await agent.start()).wait();
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
  agent.engine.crash('box', 0);
  assert.deepEqual(await ended, { StatusCode: 0 });
  assert.deepEqual(agent.containers(), [1, 0, 0, 0]);
});

test('a container that was there before joins when something is executed in it', async (t) => {
  const agent = await followDocker(t);
  agent.engine.have('box');
  const container = agent.docker.getContainer('box');
  await container.inspect();
  assert.deepEqual(agent.containers(), [0, 0, 0, 0]);
  await container.exec({ Cmd: ['echo'] });
  assert.deepEqual(agent.containers(), [0, 0, 0, 1]);
  await container.stop();
  assert.deepEqual(agent.containers(), [0, 1, 0, 0]);
});

/** Looks after a container as hosts do: what is executed in it has to end in time. */
async function probe(container: Docker.Container, timeoutMs = 20): Promise<void> {
  const exec = await container.exec({ Cmd: ['echo', 'ok'], AttachStdout: true });
  const stream = await exec.start({ hijack: true });
  const closed = once(stream.on('error', () => undefined).resume(), 'close');
  const deadline = setTimeout(() => stream.destroy(), timeoutMs);
  await closed;
  clearTimeout(deadline);
}

const replace = async (
  agent: DockerTest,
  container: Docker.Container,
  options: Docker.ContainerCreateOptions = {},
): Promise<void> => {
  await container.remove({ force: true });
  await agent.start(options);
};

test('a container that failed a probe and is made anew is rebuilt: neither reaped nor started', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  agent.engine.hang('box');
  await probe(container);
  await replace(agent, container);
  assert.deepEqual(agent.containers(), [1, 0, 1, 1]);
  agent.span('sandbox.rebuild');
});

test('one that was made anew for the same tenant under another name as well', async (t) => {
  const agent = await followDocker(t);
  const Labels = { 'com.example.tenant': 'acme' };
  const container = await agent.start({ name: 'box-1', Labels });
  agent.engine.hang('box-1');
  await probe(container);
  await replace(agent, container, { name: 'box-2', Labels });
  assert.deepEqual(agent.containers(), [1, 0, 1, 1]);
});

test('one of another tenant is started', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start({ name: 'box-1', Labels: { tenant: 'acme' } });
  agent.engine.hang('box-1');
  await probe(container);
  await replace(agent, container, { name: 'box-2', Labels: { tenant: 'umbrella' } });
  assert.deepEqual(agent.containers(), [2, 0, 0, 1]);
});

test('a container that crashed and is made anew is rebuilt', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  agent.engine.crash('box', 137);
  await container.inspect();
  await replace(agent, container);
  assert.deepEqual(agent.containers(), [1, 0, 1, 1]);
});

test('a container that was well and is made anew was reaped and started', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  // A busy machine may take its time for an answer.
  await probe(container, 10_000);
  await container.inspect();
  await replace(agent, container);
  assert.deepEqual(agent.containers(), [2, 1, 0, 1]);
});

test('a probe that failed long ago says nothing', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  agent.engine.hang('box');
  await probe(container);
  agent.advance(60_000);
  await replace(agent, container);
  assert.deepEqual(agent.containers(), [2, 1, 0, 1]);
});

const RULES: readonly [Omit<ContainerRule, 'as'>, boolean][] = [
  [{}, true],
  [{ image: 'python:3' }, true],
  [{ image: 'python*' }, true],
  [{ image: 'python' }, false],
  [{ name: 'box' }, true],
  [{ name: 'b*', image: 'node*' }, false],
  [{ label: 'role' }, true],
  [{ label: 'role=sandbox' }, true],
  [{ label: 'role=database' }, false],
  [{ label: 'rol' }, false],
];

for (const [rule, matches] of RULES) {
  test(`a container ${matches ? 'is' : 'is not'} ignored by ${JSON.stringify(rule)}`, async (t) => {
    const agent = await followDocker(t, { rules: [{ ...rule, as: 'ignore' }] });
    await agent.start({ Labels: { role: 'sandbox' } });
    assert.deepEqual(agent.containers(), matches ? [0, 0, 0, 0] : [1, 0, 0, 1]);
  });
}

test('the first rule that matches decides', async (t) => {
  const agent = await followDocker(t, {
    rules: [{ name: 'box', as: 'sandbox' }, { as: 'ignore' }],
  });
  await agent.start();
  await agent.start({ name: 'other' });
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});

test('a host that reports its sandboxes itself has none counted for it', async (t) => {
  const agent = await followDocker(t);
  await sandbox.start({ id: 'mine' }, () => agent.start());
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});
