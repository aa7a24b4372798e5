import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { waitForAccessLines } from './support/access-lines.js';
import { requestId, send, sendRaw } from './support/client.js';

const idsIn = (answers: string): string[] =>
  [...answers.matchAll(/^x-request-id: (\S+)\r$/gim)].map(([, id = '']) => id);

test('every request on a kept-alive connection has its own id', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
  });
  const ids: string[] = [];
  for (let i = 0; i < 50; i++) ids.push(requestId(await send(`${host.url}/ok`, { agent })));
  assert.equal(new Set(ids).size, 50);
  const lines = await waitForAccessLines(host, 50);
  assert.deepEqual(
    lines.map(({ id }) => id),
    ids,
  );
});

test('pipelined requests are answered in order, each with its id and its line', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  const paths = ['/chunks', '/ok', '/missing', '/chunks', '/ok'];
  const answers = await sendRaw(
    host.url,
    paths
      .map((path, i) => {
        const last = i === paths.length - 1 ? 'Connection: close\r\n' : '';
        return `GET ${path} HTTP/1.1\r\nHost: h\r\n${last}\r\n`;
      })
      .join(''),
  );
  const ids = idsIn(answers);
  assert.equal(new Set(ids).size, paths.length);
  const lines = await waitForAccessLines(host, paths.length);
  const pathOf = new Map(lines.map(({ id, path }) => [id, path]));
  assert.deepEqual(
    ids.map((id) => pathOf.get(id)),
    paths,
  );
});

for (const mode of ['with', 'without'] as const) {
  test(`Expect: 100-continue is served ${mode} a checkContinue listener`, async (t) => {
    const host = await startHost(t, {
      args: [fixture('answers.js'), ...(mode === 'with' ? ['checkContinue'] : [])],
    });
    const request = http.request(`${host.url}/ok`, {
      method: 'POST',
      agent: false,
      headers: { Expect: '100-continue', 'Content-Length': 4 },
    });
    // A host may answer at once, so that both arrive together.
    const answered = once(request, 'response');
    request.flushHeaders();
    await once(request, 'continue');
    request.end('body');
    const [response] = (await answered) as [IncomingMessage];
    assert.equal(await text(response), 'ok');
    const [line] = await waitForAccessLines(host, 1);
    assert.equal(line?.id, response.headers['x-request-id']);
    assert.equal(line?.method, 'POST');
    assert.equal(host.lines().length, 1);
  });
}

test('a checkContinue listener that refuses has its status in the line', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js'), 'checkContinue'] });
  const headers = { Expect: '100-continue' };
  const answer = await send(`${host.url}/missing`, { method: 'POST', headers });
  assert.equal(answer.status, 417);
  const [line] = await waitForAccessLines(host, 1);
  assert.deepEqual([line?.id, line?.status], [requestId(answer), 417]);
});

test("Node's own answer to a request that it cannot parse makes neither line nor id", async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  const refused = await sendRaw(host.url, 'GET / HTTP/9.9\r\n\r\n');
  assert.match(refused, /^HTTP\/1\.1 400 /);
  assert.deepEqual(idsIn(refused), []);
  await send(`${host.url}/ok`);
  const lines = await waitForAccessLines(host, 1);
  assert.deepEqual(
    lines.map(({ path }) => path),
    ['/ok'],
  );
});

async function leaveDuring(url: string, path: string, untilAnswered: boolean): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
  if (untilAnswered) await once(socket, 'data');
  else await once(socket, 'connect');
  socket.destroy();
}

test('a client that leaves before any status was sent is logged once, as 499', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_VERBOSE: 'true' },
  });
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
  socket.write('GET /silent HTTP/1.1\r\nHost: h\r\n\r\n');
  await host.line(/^→ GET \/silent/);
  socket.destroy();
  await host.line(/path=\/silent status=499 dur_ms=\d+ tenant=-$/);
  await send(`${host.url}/ok`);
  await host.line(/path=\/ok/);
  assert.equal(host.lines().filter((line) => line.includes('path=/silent')).length, 1);
});

test('a client that leaves in the middle of an answer is logged with the status that was sent', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  await leaveDuring(host.url, '/streaming', true);
  const [line] = await waitForAccessLines(host, 1);
  assert.deepEqual([line?.path, line?.status], ['/streaming', 200]);
});

test('the JSON line says of an aborted request that it was, and of others nothing', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_ACCESS_LOG: 'json' },
  });
  await leaveDuring(host.url, '/streaming', true);
  const aborted = JSON.parse(await host.line(/streaming/)) as Record<string, unknown>;
  const answer = await send(`${host.url}/ok`);
  const whole = JSON.parse(await host.line(/"\/ok"/)) as Record<string, unknown>;
  const keys = 'ts id method path status dur_ms tenant trace_id span_id'.split(' ');
  assert.deepEqual(Object.keys(aborted), [...keys, 'aborted']);
  assert.equal(aborted['aborted'], true);
  assert.deepEqual(Object.keys(whole), keys);
  assert.equal(whole['id'], requestId(answer));
  assert.equal(whole['span_id'], requestId(answer));
  assert.match(String(whole['trace_id']), /^[0-9a-f]{32}$/);
  assert.equal(whole['tenant'], '-');
});
