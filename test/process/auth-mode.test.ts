import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { requestId, send, type Answered } from './support/client.js';
import { temporaryFolder } from './support/ending-host.js';
import { familiesOf, readSamples, valueOf } from './support/exposition.js';

const KEYS = { acme: 'key-of-acme', umbrella: 'key-of-umbrella' };
const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` });

interface Guarded {
  readonly host: Host;
  /** The admin listener. */
  readonly admin: string;
}

async function guarded(t: test.TestContext, env: Record<string, string>): Promise<Guarded> {
  const file = path.join(temporaryFolder(t), 'keys');
  const lines = Object.entries(KEYS).map(
    ([tenant, key]) => `${tenant}:${createHash('sha256').update(key).digest('hex')}`,
  );
  writeFileSync(file, lines.join('\n'));
  const host = await startHost(t, {
    args: [fixture('all-events.js')],
    env: {
      AGENT_OTEL_API_KEYS_FILE: file,
      AGENT_OTEL_INLINE: 'true',
      AGENT_OTEL_LOG_LEVEL: 'info',
      ...env,
    },
  });
  const said = await host.line(/the admin listener is at/);
  return { host, admin: /http:[^\s"]+/.exec(said)?.[0] ?? '' };
}

const unauthorized = ({ body }: Answered): number | undefined =>
  valueOf(readSamples(body), 'wasmrun_agent_exec_rejected_total', { reason: 'unauthorized' });

const WASMRUN = { AGENT_OTEL_DIALECT: 'wasmrun' };
const GUARDED = [
  ['inline', '/api/v1/metrics'],
  ['admin', '/api/v1/metrics'],
  ['admin', '/metrics'],
] as const;

for (const [where, guardedPath] of GUARDED) {
  test(`${guardedPath} on the ${where} listener answers 401 without a valid key and counts it`, async (t) => {
    const { host, admin } = await guarded(t, WASMRUN);
    const url = `${where === 'inline' ? host.url : admin}${guardedPath}`;
    const attempts = [
      {},
      bearer('wrong'),
      bearer(''),
      { authorization: KEYS.acme },
      { authorization: `Basic ${KEYS.acme}` },
      { 'x-api-key': KEYS.acme },
    ];
    for (const headers of attempts) {
      const answer = await send(url, { headers });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.doesNotMatch(answer.body, /wasmrun|exec/);
      await host.line(new RegExp(`id=${requestId(answer)} .* status=401 dur_ms=\\d+ tenant=-$`));
    }
    assert.equal((await send(url, { method: 'HEAD' })).status, 401);
    assert.equal((await send(`${url}?format=json`)).status, 401);

    const answer = await send(url, { headers: bearer(KEYS.acme) });
    assert.equal(answer.status, 200);
    assert.equal(unauthorized(answer), attempts.length + 2);
    await host.line(new RegExp(`id=${requestId(answer)} .* status=200 dur_ms=\\d+ tenant=acme$`));
    const other = await send(url, { headers: bearer(KEYS.umbrella) });
    await host.line(new RegExp(`id=${requestId(other)} .* tenant=umbrella$`));
    assert.ok(!host.stderr().includes('key-of'), 'no key is in any line');
  });
}

test('in auth mode the admin /metrics names no tenant, and everything else is there', async (t) => {
  const { host, admin } = await guarded(t, {});
  await send(`${host.url}/drive`);
  const answer = await send(`${admin}/metrics`, { headers: bearer(KEYS.acme) });
  assert.equal(answer.status, 200);
  assert.doesNotMatch(answer.body, /[{,](\w*_)?tenant(_\w*)?="/);
  const samples = readSamples(answer.body);
  assert.equal(valueOf(samples, 'arbiter_requests_started_total', { route: 'messages' }), 2);
  assert.ok(familiesOf(answer.body).includes('agent_request_started_total'));
  const started = samples.filter(({ name }) => name === 'agent_request_started_total');
  assert.equal(
    started.reduce((total, { value }) => total + value, 0),
    5,
  );
});

test('in open mode the admin /metrics names the tenants', async (t) => {
  const host = await startHost(t, {
    args: [fixture('all-events.js')],
    env: { AGENT_OTEL_LOG_LEVEL: 'info' },
  });
  const said = await host.line(/the admin listener is at/);
  await send(`${host.url}/drive`);
  const { body } = await send(`${/http:\S+/.exec(said)?.[0] ?? ''}/metrics`);
  const samples = readSamples(body);
  const labels = { tenant: 'drei "3"', route: 'agent_chat' };
  assert.equal(valueOf(samples, 'arbiter_requests_started_total', labels), 1);
});

test("arbiter's and Ash's paths stay open in auth mode, as their documents say", async (t) => {
  const { host, admin } = await guarded(t, {});
  for (const openPath of ['/v1/metrics', '/metrics', '/health']) {
    assert.equal((await send(`${host.url}${openPath}`)).status, 200, openPath);
  }
  for (const openPath of ['/v1/metrics', '/health']) {
    assert.equal((await send(`${admin}${openPath}`)).status, 200, openPath);
  }
});

test("the host's own paths are not guarded: what they ask for is the host's", async (t) => {
  const { host } = await guarded(t, WASMRUN);
  for (const own of ['/', '/api/v1/metrics/', '/api/v1/sessions', '/v1/metrics']) {
    assert.equal((await send(`${host.url}${own}`)).body, 'ok', own);
  }
  assert.equal((await send(`${host.url}/api/v1/metrics`, { method: 'POST' })).body, 'ok');
});

test('the JSON format lists sessions in open mode and withholds them in auth mode', async (t) => {
  const { host: closed } = await guarded(t, WASMRUN);
  const open = await startHost(t, {
    args: [fixture('all-events.js')],
    env: { ...WASMRUN, AGENT_OTEL_INLINE: 'true' },
  });
  const jsonOf = async (host: Host, headers = {}): Promise<Record<string, unknown>> => {
    await send(`${host.url}/drive`);
    const answer = await send(`${host.url}/api/v1/metrics?format=json`, { headers });
    assert.equal(answer.headers['content-type'], 'application/json');
    return JSON.parse(answer.body) as Record<string, unknown>;
  };
  const withheld = await jsonOf(closed, bearer(KEYS.acme));
  assert.ok(!('sessions' in withheld));
  assert.ok(Number(withheld['sessions_disk_bytes']) > 0);
  const shown = await jsonOf(open);
  const sessions = shown['sessions'] as { id: string; memory_cap_pages: number | null }[];
  assert.deepEqual(
    sessions.map(({ id, memory_cap_pages }) => [id, memory_cap_pages]),
    [
      ['s1', 4096],
      ['s2', null],
      ['s9', null],
    ],
  );
});
