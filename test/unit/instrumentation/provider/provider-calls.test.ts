import assert from 'node:assert/strict';
import http, { ClientRequest } from 'node:http';
import Module, { createRequire } from 'node:module';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { provider } from '../../../../src/events/provider.js';
import type { ProviderRule } from '../../../../src/config/rules.js';
import { instrumentProviderCalls } from '../../../../src/instrumentation/provider/provider-calls.js';
import { startProviderServer, type ProviderServer } from '../../../fixtures/providers/server.js';
import { startRuntime, type TestRuntime } from '../../../support/runtime.js';

interface Opossum {
  on(event: string, listener: () => void): void;
  fire(): Promise<void>;
  shutdown(): void;
}

interface Started extends TestRuntime {
  readonly server: ProviderServer;
  readonly stop: () => void;
}

async function start(t: TestContext, rules: readonly ProviderRule[] = []): Promise<Started> {
  const agent = startRuntime(t);
  const server = await startProviderServer();
  const { stop } = instrumentProviderCalls({ runtime: agent.runtime, rules });
  t.after(() => {
    stop();
    server.close();
  });
  return { ...agent, server, stop };
}

const init = { method: 'POST', body: '{"model":"m"}' };
const chat = ({ server }: Started): string => `${server.url}/v1/chat/completions`;

async function post(url: string): Promise<void> {
  await (await fetch(url, init)).text();
}

const calls = (agent: Started): number | undefined =>
  agent.sample('arbiter_provider_calls_total{provider="openai"}');

test('what a host reports itself is not counted twice', async (t) => {
  const agent = await start(t);
  await provider.call({ provider: 'openai', model: 'm' }, () => post(chat(agent)));
  assert.equal(calls(agent), 1);
  await post(chat(agent));
  assert.equal(calls(agent), 1);
  assert.equal(agent.spans().length, 1);
});

test('an opening that a host reports itself is not counted twice', async (t) => {
  const agent = await start(t);
  const require = createRequire(import.meta.url);
  const Breaker = require('opossum') as new (fn: () => Promise<void>, options: object) => Opossum;
  const breaker = new Breaker(
    async () => {
      await post(chat(agent));
      throw new Error('no');
    },
    { errorThresholdPercentage: 1 },
  );
  breaker.on('open', () => {
    provider.circuitOpened('openai');
  });
  await assert.rejects(breaker.fire());
  breaker.shutdown();
  assert.equal(agent.sample('arbiter_provider_circuit_open_total{provider="openai"}'), 1);
});

test('the address of a server is one without brackets', async (t) => {
  const agent = await start(t);
  const server = http.createServer((_request, response) => response.end('{}'));
  const listening = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(0, '::1', () => {
      resolve(true);
    });
  });
  if (!listening) {
    t.skip('needs IPv6, which this machine does not have');
    return;
  }
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  await post(`http://[::1]:${port}/v1/chat/completions`);
  assert.equal(agent.span('chat m').attributes['server.address'], '::1');
});

test('a rule gives a host its provider', async (t) => {
  const agent = await start(t, [{ host: '127.0.0.1', path: '/infer', provider: 'gemini' }]);
  await post(`${agent.server.url}/infer?key=secret`);
  assert.equal(agent.sample('arbiter_provider_calls_total{provider="gemini"}'), 1);
  assert.equal(agent.span('chat m').attributes['gen_ai.provider.name'], 'gcp.gemini');
});

test('a shared path is a call if its body asks for a model', async (t) => {
  const agent = await start(t);
  await post(`${agent.server.url}/v1/responses`);
  assert.equal(calls(agent), 1);
  const body = '{"answers":[1,2]}';
  await (await fetch(`${agent.server.url}/v1/responses`, { method: 'POST', body })).text();
  assert.equal(calls(agent), 1);
  assert.equal(agent.spans().length, 1);
});

test('a call belongs to the server request and the session that made it', async (t) => {
  const agent = await start(t);
  const incoming = agent.incoming();
  await incoming.handle(() => post(chat(agent)));
  const { parentSpanContext } = agent.span('chat m');
  assert.equal(parentSpanContext?.spanId, incoming.id);
});

test('other requests are the objects that they would be', async (t) => {
  const agent = await start(t);
  const request = http.request(`${agent.server.url}/other`, { method: 'POST' });
  request.end();
  assert.equal(Object.hasOwn(request, 'emit'), false);
  const [response] = await new Promise<[http.IncomingMessage]>((resolve) =>
    request.once('response', (answer) => {
      resolve([answer]);
    }),
  );
  assert.equal(Object.hasOwn(response, 'push'), false);
  response.resume();
});

test('a followed request shows nothing more than it would, and has no listener of ours', async (t) => {
  const agent = await start(t);
  const events = ['response', 'error', 'close', 'finish', 'socket'];
  const look = async (path: string): Promise<unknown> => {
    const request = http.request(`${agent.server.url}${path}`, { method: 'POST' });
    const listening = events.map((event) => request.listenerCount(event));
    request.end(init.body);
    const response = await new Promise<http.IncomingMessage>((resolve) =>
      request.once('response', resolve),
    );
    const seen = [
      Object.keys(request),
      Object.keys(response),
      listening,
      events.map((event) => request.listenerCount(event)),
      ['data', 'end', 'close', 'error'].map((event) => response.listenerCount(event)),
      response.readableFlowing,
      [request.emit.name, request.destroy.name, response.push.name],
    ];
    response.resume();
    await new Promise((resolve) => response.once('close', resolve));
    return seen;
  };
  assert.deepEqual(await look('/v1/chat/completions'), await look('/other'));
});

test('backpressure reaches the provider as it would: an answer that nobody reads stops', async (t) => {
  const agent = startRuntime(t);
  const { stop } = instrumentProviderCalls({ runtime: agent.runtime, rules: [] });
  const sockets = new Set<Socket>();
  let written = 0;
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = (): void => {
      while (written < 50_000_000 && response.write('data: {}\n'.repeat(5000))) written += 45_000;
    };
    response.on('drain', write);
    write();
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  t.after(() => {
    stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, init);
  let last = -1;
  while (last !== written) {
    last = written;
    await sleep(200);
  }
  assert.ok(written < 50_000_000, `${written} bytes`);
  assert.equal(answer.bodyUsed, false);
  await answer.body?.cancel();
});

test('what was patched is given back', async (t) => {
  const { _load: load } = Module as unknown as { _load: unknown };
  const agent = await start(t);
  assert.equal(Object.hasOwn(ClientRequest.prototype, '_storeHeader'), true);
  assert.deepEqual(Object.keys(ClientRequest.prototype).includes('_storeHeader'), false);
  agent.stop();
  assert.equal(Object.hasOwn(ClientRequest.prototype, '_storeHeader'), false);
  assert.equal((Module as unknown as { _load: unknown })._load, load);
  await post(chat(agent));
  assert.equal(calls(agent), 0);
});

test('a recorder that fails costs the host nothing', async (t) => {
  const agent = await start(t);
  t.mock.method(agent.runtime, 'now', () => {
    throw new Error('broken');
  });
  const answer = await fetch(chat(agent), init);
  assert.equal(((await answer.json()) as { id: string }).id, 'chatcmpl-1');
  assert.equal(agent.problems.length, 1);
});
