import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, type Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { exec as execEvents } from '../../../../src/events/exec.js';
import { followDocker, type DockerTest } from '../../../support/docker.js';
import { waitFor } from '../../../support/wait.js';

const HIJACK = { hijack: true, stdin: true } as const;
const RAW = { Detach: false } as const;

async function dispatch(
  container: Docker.Container,
  command: string[],
  options: Docker.ExecStartOptions = HIJACK,
): Promise<{ exec: Docker.Exec; stream: Duplex }> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  return { exec, stream: await exec.start(options) };
}

interface Modem {
  demuxStream(from: Duplex, stdout: Duplex, stderr: Duplex): void;
}

/** Reads what a command wrote, as dockerode takes the frames apart. */
async function output({ modem }: Docker.Container, stream: Duplex): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  (modem as Modem).demuxStream(stream, stdout, stderr);
  stream.once('end', () => {
    stdout.end();
    stderr.end();
  });
  return (await Promise.all([text(stdout), text(stderr)])).join('');
}

const COMMANDS: readonly [string[], string, number[]][] = [
  [['echo', 'hello'], 'hello\n', [1, 0, 1, 0, 0]],
  [['false'], 'it failed\n', [1, 0, 0, 1, 0]],
  [['/usr/bin/timeout', '1', 'sleep', '9'], '', [1, 1, 0, 0, 1]],
];

for (const over of ['unix', 'tcp'] as const) {
  for (const [how, options] of [
    ['upgraded', HIJACK],
    ['raw', RAW],
  ] as const) {
    for (const [command, says, expected] of COMMANDS) {
      test(`${command[0] ?? ''} over ${over}, ${how}: its output, its exit code, one execution`, async (t) => {
        const agent = await followDocker(t, { over });
        await agent.inRequest(async () => {
          const container = await agent.start();
          const { exec, stream } = await dispatch(container, command, options);
          assert.equal(await output(container, stream), says);
          const { ExitCode } = await exec.inspect();
          assert.equal(ExitCode === 0, says === 'hello\n');
        });
        assert.deepEqual(await agent.executions(), expected);
        assert.deepEqual(agent.problems, []);
      });
    }
  }
}

test('an execution is in flight until its stream ends, and its container runs so long', async (t) => {
  const agent = await followDocker(t);
  const { container, stream } = await agent.inRequest(async () => {
    const container = await agent.start();
    return { container, ...(await dispatch(container, ['sleep'])) };
  });
  assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
  assert.equal(agent.sample('ash_pool_sandboxes{state="running"}'), 1);
  stream.resume();
  await container.kill();
  await waitFor(() => agent.sample('wasmrun_agent_exec_in_flight') === 0);
  await agent.executions();
});

test('the span is a child of the request’s and names the container', async (t) => {
  const agent = await followDocker(t);
  const { id } = await agent.inRequest(async () => {
    const container = await agent.start();
    const { exec, stream } = await dispatch(container, ['echo', 'secret']);
    await output(container, stream);
    await exec.inspect();
    return container;
  });
  const span = agent.span('exec');
  assert.equal(span.parentSpanContext?.spanId, agent.request.id);
  assert.equal(span.attributes['agent.sandbox.id'], id);
  assert.doesNotMatch(JSON.stringify(agent.spans().map((each) => each.attributes)), /secret/);
});

test('a host that never asks for the exit code has a success, and no time is added', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    const { stream } = await dispatch(container, ['false']);
    agent.advance(7);
    await output(container, stream);
  });
  await waitFor(() => agent.sample('wasmrun_agent_exec_in_flight') === 0);
  agent.advance(500);
  assert.deepEqual(await agent.executions(), [1, 0, 1, 0, 0]);
  assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_sum'), 7);
});

type GiveUp = (stream: Duplex, agent: DockerTest) => unknown;
const TIMEOUT = [1, 1, 0, 0, 1];
const ERROR = [1, 0, 0, 1, 0];

const GIVEN_UP: readonly [string, GiveUp, number[]][] = [
  ['by a timer', (stream) => setTimeout(() => stream.destroy(), 20), TIMEOUT],
  [
    'after an await, while its client waits',
    async (stream) => {
      await sleep(20);
      stream.destroy();
    },
    TIMEOUT,
  ],
  [
    'because its client has left',
    (stream, { request }) => {
      request.onAbort(() => stream.destroy());
      request.end({ status: undefined, outcome: 'aborted' });
    },
    ERROR,
  ],
  [
    'in another request',
    (stream, agent) => {
      agent.incoming().handle(() => stream.destroy());
    },
    ERROR,
  ],
];

for (const [how, options] of [
  ['upgraded', HIJACK],
  ['raw', RAW],
] as const) {
  for (const [what, giveUp, expected] of GIVEN_UP) {
    test(`an ${how} stream that the host destroys ${what}`, async (t) => {
      const agent = await followDocker(t);
      await agent.inRequest(async () => {
        const { stream } = await dispatch(await agent.start(), ['sleep'], options);
        const closed = once(
          stream.on('error', () => undefined),
          'close',
        );
        giveUp(stream, agent);
        await closed;
      });
      assert.deepEqual(await agent.executions(), expected);
    });
  }
}

test('a container that a timer kills has timed out what was executed in it', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    const { exec, stream } = await dispatch(container, ['sleep']);
    setTimeout(() => void container.kill(), 20);
    await output(container, stream);
    await exec.inspect();
  });
  assert.deepEqual(await agent.executions(), TIMEOUT);
});

test('one that another request stops has not', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    const { exec, stream } = await dispatch(container, ['sleep']);
    stream.resume();
    await agent.incoming().handle(() => container.stop());
    await exec.inspect();
  });
  assert.deepEqual(await agent.executions(), ERROR);
});

test('what cannot be started is an error', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    const exec = await container.exec({ Cmd: ['echo'] });
    agent.engine.crash('box', 1);
    agent.engine.forget(exec.id);
    await assert.rejects(exec.start(HIJACK));
  });
  assert.deepEqual(await agent.executions(), [1, 0, 0, 1, 0]);
});

test('a detached execution ends when its host finds that it has', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const exec = await (await agent.start()).exec({ Cmd: ['false'] });
    await exec.start({ Detach: true });
    assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
    await waitFor(async () => !(await exec.inspect()).Running);
  });
  assert.deepEqual(await agent.executions(), [1, 0, 0, 1, 0]);
});

test('one that nobody looks after is over with its request', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const exec = await (await agent.start()).exec({ Cmd: ['sleep'] });
    await exec.start({ Detach: true });
  });
  agent.request.end({ status: 202, outcome: 'completed' });
  assert.deepEqual(await agent.executions(), [1, 0, 1, 0, 0]);
});

test('what is executed outside of any request is a probe, and not counted', async (t) => {
  const agent = await followDocker(t);
  const container = await agent.start();
  const { exec, stream } = await dispatch(container, ['echo']);
  await output(container, stream);
  await exec.inspect();
  assert.deepEqual(await agent.executions(), [0, 0, 0, 0, 0]);
});

test('nothing is counted in a container that a rule ignores', async (t) => {
  const agent = await followDocker(t, { rules: [{ image: 'python*', as: 'ignore' }] });
  await agent.inRequest(async () => {
    const { stream } = await dispatch(await agent.start(), ['echo']);
    stream.resume();
    await once(stream, 'end');
  });
  assert.deepEqual(await agent.executions(), [0, 0, 0, 0, 0]);
  assert.deepEqual(agent.containers(), [0, 0, 0, 0]);
});

test('a host that reports its executions itself has none counted for it', async (t) => {
  const agent = await followDocker(t);
  await agent.inRequest(async () => {
    const container = await agent.start();
    await execEvents.run({ sandbox: container.id }, async () => {
      const { exec, stream } = await dispatch(container, ['echo']);
      await output(container, stream);
      await exec.inspect();
    });
  });
  assert.deepEqual(await agent.executions(), [1, 0, 1, 0, 0]);
});
