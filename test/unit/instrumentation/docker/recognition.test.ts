import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { inspect } from 'node:util';
import {
  isEngineAnswer,
  isEngineEndpoint,
  operationOf,
} from '../../../../src/instrumentation/docker/engine-api.js';
import { instrumentDocker } from '../../../../src/instrumentation/docker/instrument-docker.js';
import { followDocker } from '../../../support/docker.js';
import { startRuntime } from '../../../support/runtime.js';

const OPERATIONS: readonly [string, string, unknown][] = [
  ['POST', '/containers/create', { kind: 'create', name: undefined }],
  ['POST', '/v1.43/containers/create?name=a%20b&platform=', { kind: 'create', name: 'a b' }],
  ['POST', '/v1.43/containers/abc/start', { kind: 'start', container: 'abc' }],
  ['POST', '/containers/abc/stop?t=5', { kind: 'stop', container: 'abc' }],
  ['POST', '/containers/abc/kill', { kind: 'stop', container: 'abc' }],
  ['POST', '/containers/abc/kill?signal=SIGKILL', { kind: 'stop', container: 'abc' }],
  ['POST', '/containers/abc/kill?signal=HUP', undefined],
  ['DELETE', '/containers/abc?force=true', { kind: 'remove', container: 'abc' }],
  ['GET', '/containers/abc/json', { kind: 'inspect', container: 'abc' }],
  ['POST', '/containers/abc/wait?condition=removed', { kind: 'wait', container: 'abc' }],
  ['POST', '/v1.43/containers/abc/exec', { kind: 'createExec', container: 'abc' }],
  ['POST', '/exec/abc/start', { kind: 'startExec', exec: 'abc' }],
  ['GET', '/v1.24/exec/abc/json', { kind: 'inspectExec', exec: 'abc' }],
  ['GET', '/containers/json', undefined],
  ['GET', '/containers/create', undefined],
  ['GET', '/api/containers/abc/json', undefined],
  ['POST', '/v1/containers/abc/start', undefined],
  ['GET', '/containers/abc/logs', undefined],
  ['POST', '/exec/abc/resize', undefined],
  ['GET', '/', undefined],
];

for (const [method, path, expected] of OPERATIONS) {
  test(`${method} ${path} is ${inspect(expected)}`, () => {
    assert.deepEqual(operationOf(method, path), expected);
  });
}

test('an Engine is known by its socket, its port or what its answers say', () => {
  const endpoints = [
    '/var/run/docker.sock',
    '/run/user/1000/podman/podman.sock',
    '//./pipe/docker_engine',
    '/home/me/.colima/docker.sock',
    'localhost:2375',
    'engine:2376',
  ];
  for (const endpoint of endpoints) assert.ok(isEngineEndpoint(endpoint), endpoint);
  for (const endpoint of [
    '/tmp/app.sock',
    'localhost:8080',
    'docker.example.com:80',
    '/docker/app',
  ]) {
    assert.ok(!isEngineEndpoint(endpoint), endpoint);
  }
  const says = (headers: Readonly<Record<string, string>>): boolean =>
    isEngineAnswer((name) => headers[name]);
  assert.ok(says({ server: 'Docker/24.0.7 (linux)' }));
  assert.ok(says({ server: 'Libpod/4.9.3 (linux)' }));
  assert.ok(says({ 'api-version': '1.43', ostype: 'linux' }));
  assert.ok(!says({ 'api-version': '1.43' }));
  assert.ok(!says({ server: 'nginx' }));
});

test('an Engine behind a proxy that takes its headers away is known by its socket', async (t) => {
  const agent = await followDocker(t, { says: false });
  await agent.start();
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});

test('so is one whose socket has another name, by what it answers', async (t) => {
  const agent = await followDocker(t, { socket: 'engine.sock' });
  await agent.start();
  assert.deepEqual(agent.containers(), [1, 0, 0, 1]);
});

for (const over of ['unix', 'tcp'] as const) {
  test(`an API of others with the same paths and answers over ${over} is none`, async (t) => {
    const agent = await followDocker(t, { says: false, socket: 'app.sock', over });
    const container = await agent.start();
    await container.exec({ Cmd: ['echo'] });
    await container.stop();
    assert.deepEqual(agent.containers(), [0, 0, 0, 0]);
    assert.deepEqual(agent.spans(), []);
    assert.deepEqual(agent.problems, []);
  });
}

/** Makes a request to an Engine-like path, and tells what a host can see of it. */
async function seen(port: number, path: string): Promise<unknown> {
  const request = http.request({ host: '127.0.0.1', port, path, method: 'POST', agent: false });
  const returned = [request.write('{"Image":'), request.end('"x"}') === request];
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const look = {
    returned,
    request: [Object.keys(request), request.eventNames()],
    response: [Object.keys(response), response.eventNames(), response.listenerCount('data')],
    flowing: response.readableFlowing,
    body: await text(response),
  };
  return JSON.parse(JSON.stringify(look).replace(/"\d{4,5}"/g, '"port"')) as unknown;
}

test('requests, answers and bodies are what they were, and unread bodies stay unread', async (t) => {
  const server = http.createServer((request, response) => {
    void text(request).then((sent) => {
      response.writeHead(201, { Server: 'Docker/24.0.7 (linux)' }).end(`{"Id":"a","Sent":${sent}}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const expected = await seen(port, '/containers/create');
  const agent = startRuntime(t);
  const undo = instrumentDocker({ runtime: agent.runtime, rules: [] });
  assert.deepEqual(await seen(port, '/containers/create'), expected);
  assert.deepEqual(
    [ClientRequest.prototype.end.name, ClientRequest.prototype.end.length],
    ['end', 3],
  );
  assert.equal(Object.keys(ClientRequest.prototype).includes('end'), false);

  const unread = http.request({ port, path: '/containers/create', method: 'POST', agent: false });
  unread.end('{}');
  const [response] = (await once(unread, 'response')) as [IncomingMessage];
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(response.readableFlowing, null);
  assert.equal(response.readableEnded, false);
  response.destroy();

  undo();
  assert.ok(!Object.hasOwn(ClientRequest.prototype, 'end'));
});
