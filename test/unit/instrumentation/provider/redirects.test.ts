import assert from 'node:assert/strict';
import http from 'node:http';
import { test, type TestContext } from 'node:test';
import axios from 'axios';
import undici from 'undici';
import { instrumentProviderCalls } from '../../../../src/instrumentation/provider/provider-calls.js';
import { startProviderServer, type ProviderServer } from '../../../fixtures/providers/server.js';
import { startRuntime, type TestRuntime } from '../../../support/runtime.js';

interface Started extends TestRuntime {
  readonly server: ProviderServer;
  readonly counts: () => (number | undefined)[];
}

async function start(t: TestContext): Promise<Started> {
  const agent = startRuntime(t);
  const server = await startProviderServer();
  const { stop } = instrumentProviderCalls({ runtime: agent.runtime, rules: [] });
  t.after(() => {
    stop();
    server.close();
  });
  const count = (family: string): number | undefined =>
    agent.sample(`arbiter_provider_${family}_total{provider="openai"}`);
  return { ...agent, server, counts: () => [count('calls'), count('retries')] };
}

const body = '{"model":"m"}';
const moved = (
  status: number,
  location: string,
): { status: number; headers: { location: string } } => ({
  status,
  headers: { location },
});

const CLIENTS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  fetch: async (url) => (await fetch(url, { method: 'POST', body })).text(),
  'the redirect interceptor of undici': async (url) => {
    const dispatcher = new undici.Agent().compose(
      undici.interceptors.redirect({ maxRedirections: 2 }),
    );
    const answer = await undici.request(url, { method: 'POST', body, dispatcher });
    await answer.body.text();
    await dispatcher.close();
  },
  axios: (url) => axios.post(url, { model: 'm' }),
};

for (const [client, post] of Object.entries(CLIENTS)) {
  for (const status of [307, 308]) {
    test(`a redirection ${status} that ${client} follows is no second call, and no retry`, async (t) => {
      const agent = await start(t);
      agent.server.plan.push(moved(status, '/moved/v1/chat/completions'));
      await post(`${agent.server.url}/v1/chat/completions`);
      assert.deepEqual(agent.counts(), [1, 0]);
      const { attributes } = agent.span('chat m');
      assert.equal(attributes['agent.provider.attempts'], 1);
      assert.equal(attributes['http.response.status_code'], 200);
      assert.equal(attributes['gen_ai.usage.output_tokens'], 12);
      assert.equal(attributes['error.type'], undefined);
    });
  }
}

test('one to another origin is none either, also where the SDK numbers its retries', async (t) => {
  const agent = await start(t);
  const other = await startProviderServer();
  t.after(() => {
    other.close();
  });
  agent.server.plan.push(moved(307, `${other.url}/v1/chat/completions`));
  const headers = { 'x-stainless-retry-count': '0' };
  const url = `${agent.server.url}/v1/chat/completions`;
  await (await fetch(url, { method: 'POST', body, headers })).text();
  assert.deepEqual(agent.counts(), [1, 0]);
  assert.equal(other.received.length, 1);
});

test('a redirection that nobody follows is a call that ends with its request', async (t) => {
  const agent = await start(t);
  agent.server.plan.push(moved(307, '/elsewhere'));
  const incoming = agent.incoming();
  await incoming.handle(async () => {
    const url = `${agent.server.url}/v1/chat/completions`;
    await (await fetch(url, { method: 'POST', body, redirect: 'manual' })).text();
  });
  incoming.end({ status: 200, outcome: 'completed' });
  assert.deepEqual(agent.counts(), [1, 0]);
  assert.equal(agent.span('chat m').attributes['http.response.status_code'], 307);
});

test('each attempt of the retry interceptor of undici is one', async (t) => {
  const agent = await start(t);
  agent.server.plan.push({ status: 503 });
  const retry = undici.interceptors.retry({ minTimeout: 1, methods: ['POST'], maxRetries: 2 });
  const dispatcher = new undici.Agent().compose(retry);
  const url = `${agent.server.url}/v1/chat/completions`;
  const answer = await undici.request(url, { method: 'POST', body, dispatcher });
  await answer.body.text();
  await dispatcher.close();
  assert.deepEqual(agent.counts(), [1, 1]);
});

test('a proxy without a tunnel hides nothing of a call', async (t) => {
  const agent = await start(t);
  const proxy = http.createServer((request, response) => {
    const { hostname, port, pathname } = new URL(request.url ?? '');
    const { method, headers } = request;
    const onward = http.request({ hostname, port, path: pathname, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    // What the proxy itself sends would be seen as well: it is of this process.
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const { port } = proxy.address() as { port: number };
  const dispatcher = new undici.ProxyAgent({
    uri: `http://127.0.0.1:${port}`,
    proxyTunnel: false,
  });
  t.after(() => dispatcher.close());
  const url = `${agent.server.url}/v1/chat/completions`;
  const answer = await undici.request(url, { method: 'POST', body, dispatcher });
  await answer.body.text();
  const addresses = agent.spans().map(({ attributes }) => attributes['server.port']);
  assert.deepEqual(addresses, [Number(new URL(url).port), Number(new URL(url).port)]);
});
