import assert from 'node:assert/strict';
import http2, { type ClientHttp2Session } from 'node:http2';
import { test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import undici from 'undici';
import type { Method } from '../../../../src/instrumentation/patch.js';
import { instrumentProviderCalls } from '../../../../src/instrumentation/provider/provider-calls.js';
import { startProviderServer } from '../../../fixtures/providers/server.js';
import { startRuntime, type TestRuntime } from '../../../support/runtime.js';

interface Started extends TestRuntime {
  readonly url: string;
  readonly session: ClientHttp2Session;
  readonly stop: () => void;
}

/** The module is loaded here by an ES module, before anybody followed it. */
async function start(t: TestContext): Promise<Started> {
  const agent = startRuntime(t);
  const server = await startProviderServer('http2');
  const session = http2.connect(server.url);
  const { stop, look } = instrumentProviderCalls({ runtime: agent.runtime, rules: [] });
  look();
  t.after(() => {
    stop();
    session.destroy();
    server.close();
  });
  return { ...agent, url: server.url, session, stop };
}

const body = '{"model":"m"}';
const headers = { ':method': 'POST', ':path': '/v1/chat/completions' };
const calls = (agent: Started): number | undefined =>
  agent.sample('arbiter_provider_calls_total{provider="openai"}');

test('a session that was there before is followed, and its class is given back', async (t) => {
  const agent = await start(t);
  const prototype = Object.getPrototypeOf(agent.session) as { request: Method };
  const patched = prototype.request;
  assert.deepEqual([patched.name, patched.length], ['request', 2]);
  await text(agent.session.request(headers).end(body));
  assert.equal(calls(agent), 1);
  agent.stop();
  assert.notEqual(prototype.request, patched);
  await text(agent.session.request(headers).end(body));
  assert.equal(calls(agent), 1);
  assert.deepEqual(agent.problems, []);
});

test('a followed stream shows nothing more than it would, and is not read', async (t) => {
  const agent = await start(t);
  const look = async (path: string): Promise<unknown> => {
    const stream = agent.session.request({ ':method': 'POST', ':path': path });
    const events = ['response', 'data', 'end', 'error', 'close', 'timeout'];
    const before = [Object.keys(stream), events.map((event) => stream.listenerCount(event))];
    const returned = stream.write(body.slice(0, 5));
    stream.end(body.slice(5));
    await new Promise((resolve) => stream.once('response', resolve));
    const names = [stream.emit.name, stream.push.name, stream.destroy.name, stream.close.length];
    const seen = [before, returned, stream.readableFlowing, names];
    await text(stream);
    return seen;
  };
  assert.deepEqual(await look('/v1/chat/completions'), await look('/other'));
});

test('names of headers are known however they are written', async (t) => {
  const agent = await start(t);
  const stream = agent.session.request({ ...headers, 'X-Stainless-Retry-Count': '2' });
  await text(stream.end(body));
  assert.equal(agent.sample('arbiter_provider_retries_total{provider="openai"}'), 1);
});

test('undici over HTTP/2 is followed once', async (t) => {
  const agent = await start(t);
  const client = new undici.H2CClient(agent.url);
  const answer = await client.request({ method: 'POST', path: headers[':path'], body });
  await answer.body.text();
  await client.close();
  assert.equal(calls(agent), 1);
  assert.equal(agent.spans().length, 1);
  assert.equal(agent.span('chat m').attributes['gen_ai.usage.output_tokens'], 12);
});

test('a request that cannot be made fails as it would', async (t) => {
  const agent = await start(t);
  assert.throws(() => agent.session.request({ ...headers, connection: 'close' }), {
    code: 'ERR_HTTP2_INVALID_CONNECTION_HEADERS',
  });
  agent.session.destroy();
  assert.throws(() => agent.session.request(headers), { code: 'ERR_HTTP2_INVALID_SESSION' });
  assert.equal(calls(agent), 0);
});
