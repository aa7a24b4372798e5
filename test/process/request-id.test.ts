import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitForAccessLines } from './support/access-lines.js';
import { requestId, send, type Answered } from './support/client.js';

const GENERATED: readonly (readonly [path: string, status: number, hostHeader?: string])[] = [
  ['/ok', 200],
  ['/missing', 404],
  ['/nowhere', 404],
  ['/broken', 500],
  ['/no-content', 204],
  ['/no-listeners', 200],
  ['/odd-object', 200],
  ['/object', 200, 'object'],
  ['/reason-and-object', 200, 'both'],
  ['/array', 200, 'array'],
  ['/set-then-write-head', 200, 'later'],
  ['/cleared', 200],
  ['/chunks', 200],
  ['/flushed', 200],
  ['/interim', 200],
];

test('X-Request-Id is the id of the line and of the server span, however a host answers', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  const answers: Answered[] = [];
  for (const [path] of GENERATED) answers.push(await send(`${host.url}${path}`));
  const lines = await waitForAccessLines(host, GENERATED.length);
  await host.stop();

  for (const [i, [path, status, hostHeader]] of GENERATED.entries()) {
    const answer = answers[i] ?? assert.fail();
    const { headers, rawHeaders } = answer;
    const id = requestId(answer);
    assert.match(id, /^[0-9a-f]{16}$/, path);
    assert.equal(answer.status, status, path);
    assert.equal(rawHeaders.filter((name) => name === 'X-Request-Id').length, 1, path);
    assert.equal(headers['x-host'], hostHeader, path);
    const { ts, durMs, ...line } = lines[i] ?? assert.fail();
    assert.deepEqual(line, { id, method: 'GET', path, status, tenant: '-' });
    assert.ok(Math.abs(Date.parse(ts) - Date.now()) < 60_000 && durMs >= 0);
    const span = receiver.spans().find(({ spanId }) => spanId === id);
    assert.equal(span?.attributes['http.response.status_code'], status, path);
    assert.equal(span.attributes['url.path'], path);
  }
});

test('an X-Request-Id of the host goes out unchanged and is the id of the line', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  const cases = [
    ['/own-header', 'from-the-host', 'from-the-host'],
    ['/own-object', 'in-object', 'in-object'],
    ['/own-array', 'in-array', 'in-array'],
    ['/own-hostile', 'a b=c "d" é', 'a%20b%3Dc%20%22d%22%20%C3%A9'],
  ] as const;
  const sent: Answered[] = [];
  for (const [path] of cases) sent.push(await send(`${host.url}${path}`));
  const lines = await waitForAccessLines(host, cases.length);
  await host.stop();
  for (const [i, [path, value, logged]] of cases.entries()) {
    assert.equal(requestId(sent[i] ?? assert.fail()), value, path);
    assert.equal(lines[i]?.id, logged, path);
    const span = receiver.spans().find(({ attributes }) => attributes['url.path'] === path);
    assert.match(span?.spanId ?? '', /^[0-9a-f]{16}$/);
    assert.equal(span?.attributes['agent.request.id'], value);
  }
});

test('a host sees no header of ours while it prepares its answer', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  assert.equal((await send(`${host.url}/seen`)).body, '[]');
});

test('HEAD and unknown methods are answered, named and logged as they came', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  const methods = ['HEAD', 'OPTIONS', 'DELETE', 'PROPFIND', 'M-SEARCH'];
  const ids: string[] = [];
  for (const method of methods) ids.push(requestId(await send(`${host.url}/ok`, { method })));
  const lines = await waitForAccessLines(host, methods.length);
  assert.deepEqual(
    lines.map(({ id, method, status }) => ({ id, method, status })),
    methods.map((method, i) => ({ id: ids[i], method, status: 200 })),
  );
});

test('the documented paths that are served inline have an id and a line too', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_INLINE: 'true' },
  });
  const paths = ['/api/v1/metrics', '/metrics', '/v1/metrics', '/health'];
  const ids: string[] = [];
  for (const path of paths) {
    const answer = await send(`${host.url}${path}`);
    assert.equal(answer.status, 200);
    ids.push(requestId(answer));
  }
  const lines = await waitForAccessLines(host, paths.length);
  assert.deepEqual(
    lines.map(({ id, path }) => ({ id, path })),
    paths.map((path, i) => ({ id: ids[i], path })),
  );
});

test('the admin listener answers with an id and writes its lines', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_LOG_LEVEL: 'info' },
  });
  const admin = /http:\S+/.exec(await host.line(/the admin listener is at/))?.[0] ?? '';
  for (const [path, status] of [
    ['/metrics', 200],
    ['/health', 200],
    ['/nowhere', 404],
  ] as const) {
    const answer = await send(`${admin}${path}`);
    assert.equal(answer.status, status);
    assert.match(requestId(answer), /^[0-9a-f]{16}$/);
    await host.line(
      new RegExp(`id=${requestId(answer)} method=GET path=${path} status=${status} `),
    );
  }
});
