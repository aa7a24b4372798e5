import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { accessLines, parseAccessLine, waitForAccessLines } from './support/access-lines.js';
import { send, sendRaw } from './support/client.js';

/** A target as the bytes of the request line, and the path that its line shows. */
const TARGETS: readonly (readonly [target: string, path: string])[] = [
  ['/plain', '/plain'],
  ['/a%0Ab', '/a%0Ab'],
  ['/a%0D%0Ats=2026-01-01T00:00:00.000+00:00', '/a%0D%0Ats%3D2026-01-01T00:00:00.000+00:00'],
  ['/x%20status=200%20tenant=root', '/x%20status%3D200%20tenant%3Droot'],
  ['/quote"and=equals', '/quote%22and%3Dequals'],
  ['/caf%C3%A9', '/caf%C3%A9'],
  ['/%FF%fe%80%', '/%FF%fe%80%'],
  ['/q?token=secret&id=forged', '/q'],
  ['/q?a?b', '/q'],
  ['http://elsewhere.example/abs?x=1', '/abs'],
  ['http://elsewhere.example', '/'],
  ['HTTPS://user:pw@elsewhere.example:1/%20', '/%20'],
  ['//two/slashes', '//two/slashes'],
  ['/back\\slash|`{}^', '/back\\slash|`{}^'],
  ['*', '*'],
];

const request = (target: string, headers = ''): Buffer =>
  Buffer.from(
    `OPTIONS ${target} HTTP/1.1\r\nHost: h\r\n${headers}Connection: close\r\n\r\n`,
    'latin1',
  );

test('no target that Node lets through breaks or forges an access line', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  for (const [target] of TARGETS) {
    assert.match(await sendRaw(host.url, request(target)), /^HTTP\/1\.1 404 /, target);
  }
  const lines = await waitForAccessLines(host, TARGETS.length);
  assert.deepEqual(
    lines.map(({ path }) => path),
    TARGETS.map(([, path]) => path),
  );
  for (const { status, tenant } of lines) assert.deepEqual([status, tenant], [404, '-']);
});

test('raw bytes in a target, where Node lets them through, make exactly one line each', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  // Node 20 refuses all of them; what another version lets through is escaped.
  const targets = ['\n', '\r\nX: y', ' ', '\t', '\0', '\u007f', '\u000b', '\u00c3\u00a9', '\u00ff'];
  let served = 0;
  for (const raw of targets) {
    const answer = await sendRaw(host.url, request(`/a${raw}b`));
    if (!answer.startsWith('HTTP/1.1 400')) served++;
  }
  await send(`${host.url}/ok`);
  await host.line(/path=\/ok/);
  assert.equal(accessLines(host).length, served + 1);
});

test('a path of ten kilobytes makes one whole line of bounded length', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  await sendRaw(host.url, request(`/${'a'.repeat(10_000)}`));
  await sendRaw(host.url, request(`/${'"'.repeat(10_000)}`));
  const [plain, escaped] = await waitForAccessLines(host, 2);
  assert.match(plain?.path ?? '', /^\/a{500,}/);
  assert.match(escaped?.path ?? '', /^\/(%22){100,}(%E2%80%A6)?$/);
  for (const line of host.lines()) assert.ok(line.length < 4096, `${line.length} characters`);
});

test('the received line of a hostile target is one line as well', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_VERBOSE: 'true' },
  });
  for (const [target] of TARGETS) await sendRaw(host.url, request(target));
  await waitFor(() => host.lines().length >= TARGETS.length * 2, { what: 'both lines of each' });
  const received = host.lines().filter((line) => parseAccessLine(line) === undefined);
  assert.equal(received.length, TARGETS.length);
  for (const line of received) assert.match(line, /^→ OPTIONS [!-~]+ \(id=[0-9a-f]{16}\)$/);
  assert.ok(!host.stderr().includes('secret'), 'a token in a query is not shown');
});

const TENANTS: readonly (readonly [name: string, shown: string])[] = [
  ['acme', 'acme'],
  ['a b', 'a%20b'],
  ['a%20b', 'a%2520b'],
  ['x status=200', 'x%20status%3D200'],
  ['"quoted"', '%22quoted%22'],
  ['line\nbreak', 'line%0Abreak'],
  ['cr\r\nts=2026', 'cr%0D%0Ats%3D2026'],
  ['Bühne 🎭', 'B%C3%BChne%20%F0%9F%8E%AD'],
  ['\u2028', '%E2%80%A8'],
  ['\u0007\u001b[31m', '%07%1B[31m'],
];

test('no name of a tenant breaks or forges an access line', async (t) => {
  const host = await startHost(t, { args: [fixture('traced.js')] });
  for (const [name] of TENANTS) {
    await send(`${host.url}/tenant?name=${encodeURIComponent(name)}`);
  }
  await send(`${host.url}/tenant?name=${'n'.repeat(5000)}`);
  const lines = await waitForAccessLines(host, TENANTS.length + 1);
  assert.deepEqual(
    lines.slice(0, -1).map(({ tenant }) => tenant),
    TENANTS.map(([, shown]) => shown),
  );
  assert.ok((lines.at(-1)?.tenant.length ?? 0) < 2048);
});

test('an empty name of a tenant is shown as unknown', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { AGENT_OTEL_TENANT_HEADER: 'X-Tenant' },
  });
  await send(`${host.url}/tenant?name=`);
  await send(`${host.url}/`, { headers: { 'X-Tenant': '' } });
  const lines = await waitForAccessLines(host, 2);
  assert.deepEqual(
    lines.map(({ tenant }) => tenant),
    ['-', '-'],
  );
});

test('a tenant that a header names is escaped too', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { AGENT_OTEL_TENANT_HEADER: 'X-Tenant' },
  });
  await sendRaw(host.url, request('/', 'X-Tenant: a b=c "d" \u00e9\r\n'));
  await sendRaw(host.url, request('/', 'x-tenant: one\r\nX-TENANT: two\r\n'));
  const [first, second] = await waitForAccessLines(host, 2);
  assert.match(first?.tenant ?? '', /^a%20b%3Dc%20%22d%22%20(%C3)?%(A9|E9)$/);
  assert.equal(second?.tenant, 'one,%20two');
});

test('hostile paths and tenants leave the JSON form whole', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { AGENT_OTEL_ACCESS_LOG: 'json' },
  });
  for (const [target] of TARGETS) await sendRaw(host.url, request(target));
  for (const [name] of TENANTS) await send(`${host.url}/tenant?name=${encodeURIComponent(name)}`);
  await waitFor(() => host.lines().length >= TARGETS.length + TENANTS.length, { what: 'lines' });
  const records = host.lines().map((line) => JSON.parse(line) as { path: string; tenant: string });
  assert.deepEqual(
    records.slice(0, TARGETS.length).map(({ path }) => path),
    TARGETS.map(([, path]) => path),
  );
  assert.deepEqual(
    records.slice(TARGETS.length).map(({ tenant }) => tenant),
    TENANTS.map(([, shown]) => shown),
  );
});

test('lines of many requests at once are whole and none is lost', async (t) => {
  const host = await startHost(t, { args: [fixture('answers.js')] });
  const paths = Array.from({ length: 200 }, (_, i) => `/${'p'.repeat(i * 9)}-${i}`);
  await Promise.all(paths.map((path) => send(`${host.url}${path}`)));
  await waitForAccessLines(host, paths.length);
  assert.deepEqual(
    accessLines(host)
      .map(({ path }) => path)
      .sort(),
    paths.toSorted(),
  );
});
