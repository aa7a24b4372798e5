import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { startZeroCodeHost, type ZeroCodeHost } from './support/zero-code-host.js';

const RULES = {
  routes: [
    {
      match: { method: 'POST', path: '/chat/:tenant' },
      route: 'messages',
      tenant: { path: 'tenant' },
    },
  ],
};
const flow = { tenant: 'acme', route: 'messages' };

interface Counts {
  readonly started?: number;
  readonly ok?: number;
  readonly notOk?: number;
}

/** Waits for what the request flow of the tenant acme shows; nothing is in flight any more. */
async function showsFlow(host: ZeroCodeHost, { started, ok, notOk }: Counts): Promise<void> {
  await host.shows('arbiter_requests_completed_total', { ...flow, ok: 'true' }, ok);
  await host.shows('arbiter_requests_completed_total', { ...flow, ok: 'false' }, notOk);
  await host.shows('arbiter_requests_started_total', flow, started);
  await host.shows('arbiter_in_flight', { tenant: 'acme' }, started === undefined ? undefined : 0);
}

const ADMITTED: readonly (readonly [what: string, ok: boolean])[] = [
  ['ok', true],
  ['not ok', false],
  ['implicit headers', true],
  ['done in pieces', false],
  ['done by type', false],
  ['piped', true],
  ['gzip', false],
  ['json', true],
  ['broken', false],
  ['breaks off', false],
];

for (const [what, ok] of ADMITTED) {
  test(`a request that is answered “${what}” was admitted and ended ${ok ? 'well' : 'badly'}`, async (t) => {
    const host = await startZeroCodeHost(t, { rules: RULES });
    await host.ask('POST /chat/acme', what).catch(() => undefined);
    await showsFlow(host, { started: 1, ...(ok ? { ok: 1 } : { notOk: 1 }) });
  });
}

const REFUSED = ['unauthorized', 'too large', 'conflict', 'busy', 'replay', 'too many'];

test('requests that are refused, replayed or limited move nothing of the request flow', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  for (const what of REFUSED) await host.ask('POST /chat/acme', what);
  await host.shows('arbiter_rate_limited_total', { tenant: 'acme' }, 1);
  await showsFlow(host, {});
});

test('a stream is in flight from its headers to its end, and none when its client leaves', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
  socket.write('POST /chat/acme HTTP/1.1\r\nHost: h\r\nx-do: first event\r\n\r\n');
  await once(socket, 'data');
  await host.shows('arbiter_in_flight', { tenant: 'acme' }, 1);
  await host.shows('arbiter_requests_started_total', flow, 1);
  socket.destroy();
  await showsFlow(host, { started: 1, notOk: 1 });
});

for (const [what, length, started] of [
  ['after it has asked', 0, 1],
  ['while it is still asking', 10, undefined],
] as const) {
  test(`a client that leaves ${what} has ${started === undefined ? 'not ' : ''}been admitted`, async (t) => {
    const host = await startZeroCodeHost(t, { rules: RULES });
    const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
    socket.write(
      `POST /chat/acme HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\nx-do: silent\r\n\r\n`,
    );
    setTimeout(() => socket.destroy(), 100);
    await host.line(/path=\/chat\/acme status=499/);
    await showsFlow(host, started === undefined ? {} : { started, notOk: 1 });
  });
}

test('a 429 counts by the reason that its body names, and as a rate limit without', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  for (const what of ['too many', 'too fast', 'too fast, in words']) {
    await host.ask('POST /chat/acme', what);
  }
  const labels = { tenant: 'acme' };
  const limited = 'arbiter_rate_limited_total';
  await host.shows(limited, { ...labels, reason: 'concurrent_request_limit' }, 1);
  await host.shows(limited, { ...labels, reason: 'rate_limit' }, 2);
});

test('a key is looked up: replayed, or missed when the request is admitted', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const key = { 'Idempotency-Key': 'k' };
  await host.ask('POST /chat/acme', 'ok', key);
  await host.ask('POST /chat/acme', 'json', key);
  await host.ask('POST /chat/acme', 'replay', key);
  await host.ask('POST /chat/acme', 'too many', key);
  await host.ask('POST /chat/acme', 'conflict', key);
  await host.ask('POST /chat/acme', 'ok');
  await host.ask('POST /chat/acme', 'ok', { 'Idempotency-Key': '' });
  await host.ask('POST /chat/acme', 'replay');
  await host.shows('arbiter_idempotency_miss_total', {}, 2);
  await host.shows('arbiter_idempotency_replay_total', {}, 1);
});

test('the built-in rules know the routes of the arbiter document', async (t) => {
  const host = await startZeroCodeHost(t, { env: { AGENT_OTEL_TENANT_HEADER: 'x-tenant' } });
  const tenant = { 'x-tenant': '7' };
  await host.ask('POST /v1/orchestrate', 'ok', tenant);
  await host.ask('POST /v1/conversations/c1/messages', 'ok', tenant);
  await host.ask('POST /v1/agents/a1/chat', 'not ok', tenant);
  await host.ask('GET /v1/orchestrate', 'ok', tenant);
  const completed = 'arbiter_requests_completed_total';
  await host.shows(completed, { tenant: '7', route: 'orchestrate', ok: 'true' }, 1);
  await host.shows(completed, { tenant: '7', route: 'messages', ok: 'true' }, 1);
  await host.shows(completed, { tenant: '7', route: 'agent_chat', ok: 'false' }, 1);
  const routes = (await host.scrape())
    .filter(({ name }) => name === 'http_server_request_duration_count')
    .map(({ labels }) => labels['http_route']);
  assert.ok(routes.includes('/v1/conversations/:id/messages'), routes.join());
  assert.ok(!routes.includes('/v1/conversations/c1/messages'), routes.join());
});

test('with one dialect the built-in rules of the others are off', async (t) => {
  const host = await startZeroCodeHost(t, { env: { AGENT_OTEL_DIALECT: 'wasmrun' } });
  await host.ask('POST /v1/orchestrate', 'ok');
  await host.line(/path=\/v1\/orchestrate/);
  const names = (await host.scrape())
    .filter(({ name, value }) => name.startsWith('agent_request_started') && value > 0)
    .map(({ name }) => name);
  assert.deepEqual(names, []);
});

test('part of a credential can name the tenant, and the credential is nowhere', async (t) => {
  const rules = {
    routes: [
      {
        match: { path: '/chat' },
        route: 'orchestrate',
        tenant: { header: 'Authorization', pattern: '^Bearer tenant-(\\d+)-' },
      },
    ],
  };
  const host = await startZeroCodeHost(t, { rules });
  await host.ask('POST /chat', 'ok', { Authorization: 'Bearer tenant-7-secret' });
  await host.ask('POST /chat', 'ok', { Authorization: 'Bearer something-else' });
  await host.line(/path=\/chat status=200 dur_ms=\d+ tenant=7$/);
  await host.line(/path=\/chat status=200 dur_ms=\d+ tenant=-$/);
  await host.shows('arbiter_requests_started_total', { tenant: '7' }, 1);
  assert.doesNotMatch(host.stderr(), /secret|something-else/);
});
