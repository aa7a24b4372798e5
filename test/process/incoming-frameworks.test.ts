import assert from 'node:assert/strict';
import test from 'node:test';
import { ROOT } from '../support/paths.js';
import { requestId, send } from './support/client.js';
import { startZeroCodeHost } from './support/zero-code-host.js';

const fixture = (name: string): string => `${ROOT}test/fixtures/frameworks/${name}`;

interface Framework {
  readonly name: string;
  readonly args: readonly string[];
  /** Further paths and the routes that they match; undefined matches none. */
  readonly routes?: Readonly<Record<string, string | undefined>>;
  readonly messageStatus?: number;
}

const EXPRESS_ROUTES = {
  '/files-77': '/^\\/files-(\\d+)$/',
  '/STOCK/items/9': '/Stock/items/:item',
  '/admin/rooms/5': '/admin/rooms/:room',
};

const FRAMEWORKS: readonly Framework[] = [
  { name: 'Express 4', args: [fixture('express.mjs'), 'express-4'], routes: EXPRESS_ROUTES },
  { name: 'Express 5', args: [fixture('express.mjs'), 'express-5'], routes: EXPRESS_ROUTES },
  { name: 'Fastify', args: [fixture('fastify.mjs')] },
  { name: 'Koa', args: [fixture('koa.mjs')] },
  { name: 'Hono', args: [fixture('hono.mjs')] },
  { name: 'NestJS', args: [fixture('nest.mjs')], messageStatus: 201 },
];

const ROUTES: Readonly<Record<string, string | undefined>> = {
  '/users/42': '/users/:id',
  '/shops/acme/items/9': '/shops/:shop/items/:item',
  '/broken': '/broken',
  '/nowhere/42': undefined,
};

for (const { name, args, routes = {}, messageStatus = 200 } of FRAMEWORKS) {
  test(`${name}: requests are counted by the route that it matched, never by their path`, async (t) => {
    const host = await startZeroCodeHost(t, { args });
    const expected = { ...ROUTES, ...routes };
    // The spelling that a router was mounted with comes first, as from most clients.
    if ('/STOCK/items/9' in expected) await send(`${host.url}/Stock/items/9`);
    for (const path of Object.keys(expected)) await send(host.url + path);
    await host.line(/path=\/nowhere\/42/);
    const counted = (await host.scrape()).filter(
      ({ name: sample }) => sample === 'http_server_request_duration_count',
    );
    assert.deepEqual(
      new Set(counted.map(({ labels }) => labels['http_route'])),
      new Set(Object.values(expected)),
    );
    const broken = counted.find(({ labels }) => labels['http_route'] === '/broken');
    assert.equal(broken?.labels['error_type'], '500');
  });

  test(`${name}: a request has its id and its line`, async (t) => {
    const host = await startZeroCodeHost(t, { args });
    const answer = await send(`${host.url}/users/42`);
    assert.deepEqual(JSON.parse(answer.body), { id: '42' });
    await host.line(new RegExp(`id=${requestId(answer)} method=GET path=/users/42 status=200`));
  });

  test(`${name}: a session and the messages to it are followed by rule`, async (t) => {
    const host = await startZeroCodeHost(t, { args, env: { ASH_DEBUG_TIMING: '1' } });
    const created = await send(`${host.url}/api/sessions`, { method: 'POST' });
    const { session } = JSON.parse(created.body) as { session: { id: string; sandboxId: string } };
    await host.shows('ash_active_sessions', {}, 1);
    await host.shows('wasmrun_agent_sessions_created_total', {}, 1);

    const message = await send(`${host.url}/api/sessions/${session.id}/messages`, {
      method: 'POST',
    });
    assert.equal(message.status, messageStatus);
    assert.equal(message.body.match(/^event: /gm)?.length, 4);
    const timing = JSON.parse(await host.line(/"timing"/)) as Record<string, unknown>;
    assert.equal(timing['sessionId'], session.id);
    assert.equal(timing['sandboxId'], session.sandboxId);
    assert.equal(timing['eventCount'], 4);
    const { lookupMs, firstEventMs, totalMs } = timing as Record<string, number>;
    assert.ok(Number(lookupMs) > 0 && Number(firstEventMs) >= Number(lookupMs));
    assert.ok(Number(totalMs) >= Number(firstEventMs));
    const route = { http_route: '/api/sessions/:id/messages' };
    await host.shows('agent_stream_duration_count', route, 1);
    await host.shows('agent_stream_active', {}, 0);
    await host.shows('agent_stream_events_total', route, 4);
  });
}

test('a host behind middleware that compresses is followed like any other', async (t) => {
  const host = await startZeroCodeHost(t, {
    args: [fixture('express.mjs'), 'express-5', 'compressed'],
    env: { ASH_DEBUG_TIMING: '1' },
  });
  const packed = { method: 'POST', headers: { 'accept-encoding': 'gzip' } };
  const created = await send(`${host.url}/api/sessions`, packed);
  assert.equal(created.headers['content-encoding'], 'gzip');
  await host.shows('ash_active_sessions', {}, 1);
  const message = await send(`${host.url}/api/sessions/s1/messages`, packed);
  assert.equal(message.headers['content-encoding'], 'gzip');
  const timing = JSON.parse(await host.line(/"timing"/)) as Record<string, unknown>;
  assert.deepEqual([timing['sandboxId'], timing['eventCount']], ['box-s1', 4]);
});
