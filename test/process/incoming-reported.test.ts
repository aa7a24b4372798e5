import assert from 'node:assert/strict';
import test from 'node:test';
import { fixture } from '../support/paths.js';
import { startZeroCodeHost } from './support/zero-code-host.js';

test('what a host reports itself is not counted again by rule', async (t) => {
  const host = await startZeroCodeHost(t, {
    args: [fixture('reporting.js')],
    env: { ASH_DEBUG_TIMING: '1' },
  });
  const key = { 'Idempotency-Key': 'k' };
  for (const path of [
    '/api/sessions',
    '/api/sessions/s1/messages',
    '/api/v1/sessions/s1/exec',
    '/v1/orchestrate',
    '/v1/agents/a/chat',
  ]) {
    await host.ask(`POST ${path}`, 'as it likes', key);
  }
  await host.line(/path=\/v1\/agents\/a\/chat/);
  await host.shows('wasmrun_agent_sessions_created_total', {}, 1);
  await host.shows('ash_active_sessions', {}, 1);
  await host.shows('wasmrun_agent_exec_rejected_total', { reason: 'concurrency' }, 1);
  const flow = { tenant: '1', route: 'orchestrate' };
  await host.shows('arbiter_requests_started_total', flow, 1);
  await host.shows('arbiter_requests_completed_total', { ...flow, ok: 'true' }, 1);
  await host.shows('arbiter_idempotency_miss_total', {}, 1);
  await host.shows('arbiter_rate_limited_total', { tenant: '1' }, 1);
  assert.equal(host.lines().filter((line) => line.includes('"timing"')).length, 1);
  assert.match(await host.line(/"timing"/), /"sandboxId":"own"/);
  assert.doesNotMatch(host.stderr(), / warn:/);
});
