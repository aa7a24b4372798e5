import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exec } from '../../../src/events/exec.js';
import { session } from '../../../src/events/session.js';
import { startRuntime } from '../../support/runtime.js';

const ACTIVE = 'wasmrun_agent_sessions_active';
const TRACKED = 'wasmrun_agent_sessions_total';

test('a session expires once its idle time is over, and stays tracked', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  agent.advance(99);
  assert.equal(await agent.scraped(ACTIVE), 1);
  agent.advance(1);
  assert.equal(await agent.scraped(ACTIVE), 0);
  assert.equal(agent.sample(TRACKED), 1);
});

test('a touch puts the expiry off', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  agent.advance(99);
  session.touched('a');
  agent.advance(99);
  assert.equal(await agent.scraped(ACTIVE), 1);
});

test('a session in which something is executed is not idle, however long that takes', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  const run = exec.start({ session: 'a' });
  agent.advance(1_000);
  assert.equal(await agent.scraped(ACTIVE), 1);
  run.end('success');
  agent.advance(99);
  assert.equal(await agent.scraped(ACTIVE), 1);
  agent.advance(1);
  assert.equal(await agent.scraped(ACTIVE), 0);
});

test('a session is idle once the last of its executions has ended', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  const [first, last] = [exec.start({ session: 'a' }), exec.start({ session: 'a' })];
  first.end('success');
  agent.advance(1_000);
  assert.equal(await agent.scraped(ACTIVE), 1);
  last.end('success');
  agent.advance(100);
  assert.equal(await agent.scraped(ACTIVE), 0);
});

test('the end of an execution does not bring back a session that its host has expired', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a' });
  const run = exec.start({ session: 'a' });
  session.expired('a');
  run.end('error');
  assert.equal(await agent.scraped(ACTIVE), 0);
});

test('an execution that outlives its session changes nothing of a later one', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  const run = exec.start({ session: 'a' });
  session.ended('a');
  session.created({ id: 'a', idleTimeoutMs: 100 });
  run.end('success');
  agent.advance(100);
  assert.equal(await agent.scraped(ACTIVE), 0);
  assert.deepEqual(agent.problems, []);
});

test('a touch makes an expired session active again', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  agent.advance(100);
  assert.equal(await agent.scraped(ACTIVE), 0);
  session.touched('a');
  assert.equal(await agent.scraped(ACTIVE), 1);
});

test('a touch does not make a paused session active', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  session.paused('a');
  session.touched('a');
  assert.equal(await agent.scraped(ACTIVE), 0);
});

test('a resume starts the idle time over', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'a', idleTimeoutMs: 100 });
  session.paused('a');
  agent.advance(1_000);
  session.resumed({ id: 'a', path: 'warm' });
  agent.advance(99);
  assert.equal(await agent.scraped(ACTIVE), 1);
});

for (const idleTimeoutMs of [undefined, 0, -1, NaN, Infinity, '5' as unknown as number]) {
  test(`a session with the idle time ${String(idleTimeoutMs)} never expires`, async (t) => {
    const agent = startRuntime(t);
    session.created({ id: 'a', idleTimeoutMs });
    agent.advance(1e9);
    assert.equal(await agent.scraped(ACTIVE), 1);
  });
}

test('the rows of the breakdown are the active sessions with their memory caps', async (t) => {
  const agent = startRuntime(t);
  session.created({ id: 'capped', memoryCapPages: 4096 });
  session.created({ id: 'unlimited', memoryCapPages: null });
  session.created({ id: 'silent' });
  session.created({ id: 'expiring', idleTimeoutMs: 1 });
  session.created({ id: 'paused' });
  session.paused('paused');
  agent.advance(1);
  await agent.ledger.observe();
  assert.deepEqual(agent.runtime.sessions.rows(), [
    { id: 'capped', diskBytes: 0, memoryCapPages: 4096 },
    { id: 'unlimited', diskBytes: 0, memoryCapPages: null },
    { id: 'silent', diskBytes: 0, memoryCapPages: null },
  ]);
});
