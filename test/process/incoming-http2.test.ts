import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import http2, { type IncomingHttpHeaders } from 'node:http2';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import { fixture, ROOT } from '../support/paths.js';
import { hasPrograms } from '../support/programs.js';
import { temporaryFolder } from './support/ending-host.js';
import { startZeroCodeHost } from './support/zero-code-host.js';

interface Http2Answer {
  readonly headers: IncomingHttpHeaders & { ':status'?: number };
  readonly body: string;
}

/** One request on a connection of its own. */
async function send2(
  url: string,
  { path: target, method = 'GET', body }: { path: string; method?: string; body?: string },
): Promise<Http2Answer> {
  const client = http2.connect(url, { rejectUnauthorized: false });
  try {
    const request = client.request({ ':path': target, ':method': method });
    request.end(body);
    const [headers] = (await once(request, 'response')) as [Http2Answer['headers']];
    return { headers, body: await text(request.setEncoding('utf8')) };
  } finally {
    client.close();
  }
}

for (const api of ['streams', 'compatible']) {
  test(`HTTP/2 (${api}): a request has its id, its line and its span`, async (t) => {
    const host = await startZeroCodeHost(t, { args: [fixture('http2-host.js'), api] });
    const { headers, body } = await send2(host.url, { path: '/missing?secret=1' });
    assert.equal(headers[':status'], 404);
    assert.equal(body, '');
    const ok = await send2(host.url, { path: '/ok' });
    await host.line(/path=\/missing status=404/);
    assert.deepEqual([ok.headers[':status'], ok.body], [200, 'ok']);
    const id = String(ok.headers['x-request-id']);
    assert.match(id, /^[0-9a-f]{16}$/);
    await host.line(new RegExp(`id=${id} method=GET path=/ok status=200 dur_ms=\\d+ tenant=-$`));
    assert.equal(host.lines().filter((line) => line.includes(' path=/ok ')).length, 1);
    await host.shows(
      'http_server_request_duration_count',
      { http_response_status_code: '200', http_request_method: 'GET', url_scheme: 'http' },
      1,
    );
  });

  test(`HTTP/2 (${api}): an id of the host's own is the line's`, async (t) => {
    const host = await startZeroCodeHost(t, { args: [fixture('http2-host.js'), api] });
    const { headers } = await send2(host.url, { path: '/own-id' });
    assert.equal(headers['x-request-id'], 'from-the-host');
    await host.line(/id=from-the-host method=GET path=\/own-id status=200/);
  });

  test(`HTTP/2 (${api}): a message is timed, and its stream is measured`, async (t) => {
    const host = await startZeroCodeHost(t, {
      args: [fixture('http2-host.js'), api],
      env: { ASH_DEBUG_TIMING: '1' },
    });
    await send2(host.url, { path: '/api/sessions/s1/messages', method: 'POST' });
    const timing = JSON.parse(await host.line(/"timing"/)) as Record<string, unknown>;
    assert.deepEqual([timing['sessionId'], timing['eventCount']], ['s1', 3]);
    const route = { http_route: '/api/sessions/:id/messages' };
    await host.shows('agent_stream_duration_count', route, 1);
    await host.shows('ash_active_sessions', {}, 1);
  });
}

test('HTTP/2: the session of a message may stand in the body of its request', async (t) => {
  const session = { on: 'message', id: { request: '$.session' } };
  const host = await startZeroCodeHost(t, {
    args: [fixture('http2-host.js')],
    rules: { routes: [{ match: { path: '/chat' }, session }] },
    env: { ASH_DEBUG_TIMING: '1' },
  });
  await send2(host.url, { path: '/chat', method: 'POST', body: '{"session":"s7"}' });
  await host.line(/"timing".*"sessionId":"s7"/);
});

test('HTTP/2: responses without headers of their own and from files have an id', async (t) => {
  const host = await startZeroCodeHost(t, { args: [fixture('http2-host.js')] });
  for (const target of ['/bare', '/file']) {
    const { headers } = await send2(host.url, { path: target });
    assert.equal(headers[':status'], 200);
    await host.line(new RegExp(`id=${String(headers['x-request-id'])} method=GET path=${target}`));
  }
});

test('HTTP/2: a client that goes away is told from an answer that the host breaks off', async (t) => {
  const host = await startZeroCodeHost(t, { args: [fixture('http2-host.js')] });
  const client = http2.connect(host.url);
  const stream = client.request({ ':path': '/stream' });
  await once(stream, 'response');
  await host.shows('agent_stream_active', {}, 1);
  stream.close(http2.constants.NGHTTP2_CANCEL);
  const silent = client.request({ ':path': '/silent' });
  silent.on('error', () => undefined).resume();
  setTimeout(() => {
    client.destroy();
  }, 100);
  await host.line(/path=\/silent status=499/);
  await host.line(/path=\/stream status=200/);
  await host.shows('agent_stream_duration_count', { agent_stream_outcome: 'aborted' }, 1);
  await send2(host.url, { path: '/breaks-off' }).catch(() => undefined);
  await host.shows('http_server_request_duration_count', { error_type: 'incomplete' }, 1);
});

test('HTTP/2: Fastify names its routes', async (t) => {
  const host = await startZeroCodeHost(t, {
    args: [`${ROOT}test/fixtures/frameworks/fastify.mjs`, 'http2'],
  });
  const { body } = await send2(host.url, { path: '/users/42' });
  assert.equal(body, '{"id":"42"}');
  await host.shows('http_server_request_duration_count', { http_route: '/users/:id' }, 1);
});

for (const api of ['streams', 'compatible']) {
  test(`HTTP/2 (${api}): the documented paths are served inline`, async (t) => {
    const host = await startZeroCodeHost(t, {
      args: [fixture('http2-host.js'), api],
      env: { AGENT_OTEL_INLINE: 'true' },
    });
    for (const target of ['/api/v1/metrics', '/v1/metrics', '/health']) {
      const { headers, body } = await send2(host.url, { path: target });
      assert.equal(headers[':status'], 200);
      assert.ok(body.length > 50);
      await host.line(new RegExp(`id=${String(headers['x-request-id'])} .*path=${target} `));
    }
    assert.doesNotMatch(host.stderr(), /Warning/);
  });
}

function certificate(t: TestContext): [key: string, cert: string] {
  const folder = temporaryFolder(t);
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return [key, cert];
}

test('a server of HTTP/2 over TLS that allows HTTP/1.1 is followed in both', async (t) => {
  if (!hasPrograms(t, 'openssl')) return;
  const host = await startZeroCodeHost(t, {
    args: [fixture('http2-host.js'), 'compatible', ...certificate(t)],
  });
  const url = host.url.replace('http:', 'https:');
  const second = await send2(url, { path: '/ok' });
  assert.equal(second.body, 'ok');
  const request = https.get(`${url}/ok`, { rejectUnauthorized: false, agent: false });
  const [first] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(await text(first), 'ok');
  for (const id of [second.headers['x-request-id'], first.headers['x-request-id']]) {
    await host.line(new RegExp(`id=${String(id)} method=GET path=/ok status=200`));
  }
  assert.equal(host.lines().filter((line) => line.includes(' path=/ok ')).length, 2);
  await host.shows('http_server_request_duration_count', { url_scheme: 'https' }, 2);
});
