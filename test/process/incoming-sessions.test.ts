import assert from 'node:assert/strict';
import test from 'node:test';
import { startZeroCodeHost, type ZeroCodeHost } from './support/zero-code-host.js';

const inBody = { response: '$.space.id' };
const facts = { sandbox: { response: '$.space.box' }, agentName: { response: '$.space.agent' } };
const inPath = { id: { path: 'id' } };
const RULES = {
  routes: [
    {
      match: { method: 'POST', path: '/spaces' },
      session: { on: 'create', id: inBody, ...facts },
    },
    {
      match: { method: 'POST', path: '/brief' },
      session: { on: 'create', id: inBody, idleTimeoutMs: 300 },
    },
    { match: { path: '/spaces/:id/use' }, session: { on: 'touch', ...inPath } },
    { match: { path: '/spaces/:id/sleep' }, session: { on: 'pause', ...inPath } },
    { match: { path: '/spaces/:id/stop' }, session: { on: 'stop', ...inPath } },
    { match: { path: '/spaces/:id/wake' }, session: { on: 'resume', ...inPath, ...facts } },
    { match: { path: '/spaces/:id/thaw' }, session: { on: 'resume', ...inPath, resume: 'cold' } },
    { match: { method: 'DELETE', path: '/spaces/:id' }, session: { on: 'end', ...inPath } },
  ],
};

interface Sessions {
  readonly created?: number;
  readonly active: number;
  readonly tracked?: number;
  readonly warm?: number;
  readonly cold?: number;
}

async function shows(host: ZeroCodeHost, expected: Sessions): Promise<void> {
  const { created = 1, active, tracked = active, warm = 0, cold = 0 } = expected;
  await host.shows('ash_active_sessions', {}, active);
  await host.shows('wasmrun_agent_sessions_total', {}, tracked);
  await host.shows('wasmrun_agent_sessions_created_total', {}, created);
  await host.shows('ash_resume_total', { path: 'warm' }, warm);
  await host.shows('ash_resume_total', { path: 'cold' }, cold);
}

test('a session is created, paused, resumed warm and ended', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces', 'space');
  await shows(host, { active: 1 });
  await host.ask('POST /spaces/s1/sleep', 'no content');
  await shows(host, { active: 0, tracked: 1 });
  await host.ask('POST /spaces/s1/wake', 'space');
  await shows(host, { active: 1, warm: 1 });
  const line = JSON.parse(await host.line(/resume_hit/)) as Record<string, unknown>;
  assert.deepEqual(
    { ...line, ts: '' },
    { type: 'resume_hit', path: 'warm', sessionId: 's1', agentName: 'poet', ts: '' },
  );
  await host.ask('DELETE /spaces/s1', 'no content');
  await shows(host, { active: 0, warm: 1 });
});

test('a resume is cold with another sandbox, after a stop, of an unknown session, or by rule', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces', 'space');
  await host.ask('POST /spaces/s1/sleep', 'no content');
  await host.ask('POST /spaces/s1/wake', 'space', { box: 'b2' });
  await shows(host, { active: 1, cold: 1 });
  await host.ask('POST /spaces/s1/stop', 'no content');
  await host.ask('POST /spaces/s1/wake', 'space', { box: 'b2' });
  await shows(host, { active: 1, cold: 2 });
  await host.ask('POST /spaces/other/wake', 'space', { id: 'other' });
  await shows(host, { active: 2, cold: 3 });
  await host.ask('POST /spaces/s1/sleep', 'no content');
  await host.ask('POST /spaces/s1/thaw', 'no content');
  await shows(host, { active: 2, cold: 4 });
});

test('to resume an active session is no resume, unless its sandbox is another one', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces', 'space');
  await host.ask('POST /spaces/s1/wake', 'space');
  await shows(host, { active: 1 });
  await host.ask('POST /spaces/s1/wake', 'space', { box: 'b2' });
  await shows(host, { active: 1, cold: 1 });
});

test('what fails does nothing to a session', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces', 'broken');
  await host.ask('POST /spaces', 'too many');
  await host.ask('POST /spaces', 'no content');
  await host.ask('POST /spaces', 'large space');
  await shows(host, { created: 0, active: 0 });
  await host.ask('POST /spaces', 'space');
  await host.ask('POST /spaces/s1/sleep', 'conflict');
  await host.ask('DELETE /spaces/s1', 'unauthorized');
  await shows(host, { active: 1 });
});

test('an answer that is compressed is read as well', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces', 'packed space');
  await shows(host, { active: 1 });
});

test('a session expires when it is idle for its time, and is active again when it is used', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /brief', 'space');
  await shows(host, { active: 0, tracked: 1 });
  await host.ask('POST /spaces/s1/use', 'json');
  await host.shows('ash_active_sessions', {}, 1);
});

test('a session that was never seen created is active once it is used', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /spaces/restored/use', 'json');
  await shows(host, { created: 0, active: 1 });
});

test('the built-in rules know the sessions of the documents of wasmrun and Ash', async (t) => {
  const host = await startZeroCodeHost(t);
  await host.ask('POST /api/v1/sessions', 'json');
  await shows(host, { created: 0, active: 0 });
  await host.ask('POST /api/v1/sessions/w1/exec', 'json');
  await host.ask('POST /api/sessions/a1/messages', 'ok');
  await shows(host, { created: 0, active: 2 });
  await host.ask('DELETE /api/v1/sessions/w1', 'no content');
  await host.ask('POST /api/sessions/a1/pause', 'json');
  await shows(host, { created: 0, active: 0, tracked: 1 });
});

const IN_BODY = {
  routes: [
    {
      match: { method: 'POST', path: '/chat' },
      session: { on: 'message', id: { request: ['$.session', '$.chat.id'] } },
    },
    { match: { path: '/watch' }, session: { on: 'message', id: { query: 'session' } } },
  ],
};

test('the session of a message may stand in the body or the query of its request', async (t) => {
  const host = await startZeroCodeHost(t, { rules: IN_BODY, env: { ASH_DEBUG_TIMING: '1' } });
  await host.ask('POST /chat', 'ok', { body: '{"session":"first","text":"secret"}' });
  await host.ask('POST /chat', 'ok', { body: '{"chat":{"id":"second"}}' });
  await host.ask('GET /watch?session=third&key=secret', 'ok');
  for (const id of ['first', 'second', 'third']) {
    await host.line(new RegExp(`"timing".*"sessionId":"${id}".*"eventCount":4`));
  }
  await shows(host, { created: 0, active: 3 });
  assert.doesNotMatch(host.stderr(), /secret/);
});

test('a body that says nothing of a session is no message of one', async (t) => {
  const host = await startZeroCodeHost(t, { rules: IN_BODY, env: { ASH_DEBUG_TIMING: '1' } });
  const bodies = ['', '{', '{"session":{}}', `{"pad":"${'x'.repeat(70_000)}","session":"s"}`];
  for (const body of bodies) await host.ask('POST /chat', 'ok', { body });
  await shows(host, { created: 0, active: 0 });
  assert.doesNotMatch(host.stderr(), /"timing"|warn/);
});

test('a request whose body a host does not read stays unread', async (t) => {
  const host = await startZeroCodeHost(t, { rules: IN_BODY });
  const body = '{"session":"s"}';
  const read = await host.ask('POST /chat', 'how much was read', { body, 'x-read': 'no' });
  const elsewhere = await host.ask('POST /x', 'how much was read', { body, 'x-read': 'no' });
  assert.deepEqual(JSON.parse(read.body), JSON.parse(elsewhere.body));
  const { readableFlowing, own } = JSON.parse(read.body) as Record<string, unknown>;
  assert.deepEqual([readableFlowing, own], [null, false]);
});
