import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { Agent, request, upgrade, type Dispatcher } from 'undici';
import { followDocker, type DockerTest } from '../../../support/docker.js';
import type { FakeEngineOptions } from '../../../support/docker-engine.js';

/** Asks the Engine something, and gives its answer unread. */
type Client = (method: Dispatcher.HttpMethod, path: string, options?: Asked) => Promise<Answer>;

interface Asked {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly status: number;
  text(): Promise<string>;
}

const headers = { 'content-type': 'application/json' };

function dispatcherOf(t: TestContext, { socketPath }: DockerTest['engine']): Agent {
  const agent = new Agent(socketPath === undefined ? {} : { connect: { socketPath } });
  t.after(() => agent.destroy());
  return agent;
}

const originOf = ({ socketPath, port }: DockerTest['engine']): string =>
  socketPath === undefined ? `http://127.0.0.1:${port}` : 'http://localhost';

/** Node's own `fetch`, with a dispatcher of the package for the socket. */
function fetchClient(t: TestContext, engine: DockerTest['engine']): Client {
  const dispatcher = dispatcherOf(t, engine);
  return (method, path, { body, signal } = {}) =>
    fetch(`${originOf(engine)}/v1.43${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      ...({ dispatcher } as object),
    });
}

function requestClient(t: TestContext, engine: DockerTest['engine']): Client {
  const dispatcher = dispatcherOf(t, engine);
  return async (method, path, { body, signal } = {}) => {
    const answer = await request(`${originOf(engine)}${path}`, {
      method,
      headers,
      dispatcher,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    return { status: answer.statusCode, text: () => answer.body.text() };
  };
}

const CLIENTS = { fetch: fetchClient, 'undici.request': requestClient };

async function idIn(answer: Answer): Promise<string> {
  return (JSON.parse(await answer.text()) as { Id: string }).Id;
}

async function startContainer(client: Client, config: object = {}): Promise<string> {
  const body = { Image: 'python:3', ...config };
  const id = await idIn(await client('POST', '/containers/create?name=box', { body }));
  await (await client('POST', `/containers/${id}/start`)).text();
  return id;
}

async function startExec(
  client: Client,
  container: string,
  options: { command: string[]; signal?: AbortSignal },
): Promise<{ id: string; answer: Answer }> {
  const { command, signal } = options;
  const body = { Cmd: command, AttachStdout: true };
  const id = await idIn(await client('POST', `/containers/${container}/exec`, { body }));
  const answer = await client('POST', `/exec/${id}/start`, {
    body: { Detach: false },
    ...(signal && { signal }),
  });
  return { id, answer };
}

const COMMANDS: readonly [string[], number, number[]][] = [
  [['echo', 'hello'], 0, [1, 0, 1, 0, 0]],
  [['false'], 1, [1, 0, 0, 1, 0]],
  [['timeout', '1', 'sleep', '9'], 124, [1, 1, 0, 0, 1]],
];
const ENGINES: readonly FakeEngineOptions[] = [
  { over: 'unix' },
  { over: 'unix', socket: 'engine.sock' },
  { over: 'unix', says: false },
  { over: 'tcp' },
];

for (const [name, createClient] of Object.entries(CLIENTS)) {
  for (const options of ENGINES) {
    test(`${name} with ${JSON.stringify(options)}: containers and what is executed in them`, async (t) => {
      const agent = await followDocker(t, options);
      const client = createClient(t, agent.engine);
      const results = [0, 0, 0, 0, 0];
      const id = await agent.inRequest(() => startContainer(client));
      assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
      for (const [command, code, expected] of COMMANDS) {
        await agent.inRequest(async () => {
          const exec = await startExec(client, id, { command });
          const written = await exec.answer.text();
          assert.equal(written.includes('hello'), code === 0);
          const { ExitCode } = JSON.parse(
            await (await client('GET', `/exec/${exec.id}/json`)).text(),
          ) as { ExitCode: number };
          assert.equal(ExitCode, code);
        });
        for (const [i, count] of expected.entries()) results[i] = (results[i] ?? 0) + count;
      }
      assert.deepEqual(await agent.executions(), results);
      await (await client('POST', `/containers/${id}/stop`)).text();
      assert.deepEqual(agent.containers(), [1, 1, 0, 0]);
      assert.deepEqual(agent.problems, []);
    });
  }

  test(`${name}: an execution that a timer gives up has timed out`, async (t) => {
    const agent = await followDocker(t);
    const client = createClient(t, agent.engine);
    await agent.inRequest(async () => {
      const id = await startContainer(client);
      const controller = new AbortController();
      const { signal } = controller;
      const { answer } = await startExec(client, id, { command: ['sleep'], signal });
      setTimeout(() => {
        controller.abort();
      }, 20);
      await assert.rejects(answer.text());
    });
    assert.deepEqual(await agent.executions(), [1, 1, 0, 0, 1]);
  });

  test(`${name}: one whose client has left is an error`, async (t) => {
    const agent = await followDocker(t);
    const client = createClient(t, agent.engine);
    await agent.inRequest(async () => {
      const id = await startContainer(client);
      const controller = new AbortController();
      const { signal } = controller;
      const { answer } = await startExec(client, id, { command: ['sleep'], signal });
      agent.request.onAbort(() => {
        controller.abort();
      });
      agent.request.end({ status: undefined, outcome: 'aborted' });
      await assert.rejects(answer.text());
    });
    assert.deepEqual(await agent.executions(), [1, 0, 0, 1, 0]);
  });

  test(`${name}: a container that fails to start is none`, async (t) => {
    const agent = await followDocker(t);
    await startContainer(createClient(t, agent.engine), { Image: 'broken' });
    assert.deepEqual(agent.containers(), [0, 0, 0, 0]);
  });

  test(`${name}: an API of others with the same paths is none`, async (t) => {
    const agent = await followDocker(t, { says: false, socket: 'app.sock' });
    await startContainer(createClient(t, agent.engine));
    assert.deepEqual([agent.containers(), agent.spans()], [[0, 0, 0, 0], []]);
  });
}

test('what one client starts another finds: both speak to one Engine', async (t) => {
  const agent = await followDocker(t);
  const client = fetchClient(t, agent.engine);
  await agent.inRequest(async () => {
    const { id } = await agent.start();
    const { id: exec, answer } = await startExec(client, id, { command: ['echo', 'hello'] });
    await answer.text();
    await (await client('GET', `/exec/${exec}/json`)).text();
    await (await client('DELETE', `/containers/${id}`)).text();
  });
  assert.deepEqual(await agent.executions(), [1, 0, 1, 0, 0]);
  assert.deepEqual(agent.containers(), [1, 0, 0, 0]);
});

test('an upgraded stream of undici is followed to its end', async (t) => {
  const agent = await followDocker(t);
  const dispatcher = dispatcherOf(t, agent.engine);
  const client = requestClient(t, agent.engine);
  await agent.inRequest(async () => {
    const id = await startContainer(client);
    const body = { Cmd: ['echo', 'hello'] };
    const exec = await idIn(await client('POST', `/containers/${id}/exec`, { body }));
    const { socket } = await upgrade(`http://localhost/exec/${exec}/start`, {
      dispatcher,
      method: 'POST',
      protocol: 'tcp',
    });
    assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
    assert.match(await text(socket), /hello/);
    await (await client('GET', `/exec/${exec}/json`)).text();
  });
  assert.deepEqual(await agent.executions(), [1, 0, 1, 0, 0]);
});

test('other requests and sockets are what they were, and all is given back', async (t) => {
  const patched = (): boolean => Object.hasOwn(Socket.prototype, 'connect');
  const connect = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect')?.value as unknown;
  const agent = await followDocker(t);
  assert.ok(patched());
  const socket = new Socket().connect(agent.engine.socketPath ?? '');
  await once(socket, 'connect');
  assert.deepEqual(Object.keys(socket), Object.keys(new Socket()));
  socket.destroy();
  t.after(() => {
    const now = Object.getOwnPropertyDescriptor(Socket.prototype, 'connect')?.value as unknown;
    assert.equal(now, connect);
  });
});
