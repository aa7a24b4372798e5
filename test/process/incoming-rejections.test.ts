import test from 'node:test';
import { startZeroCodeHost } from './support/zero-code-host.js';

test('a route that asks for executions counts its rejections by status', async (t) => {
  const host = await startZeroCodeHost(t, {
    rules: { routes: [{ match: { method: 'POST', path: '/run' }, exec: true }] },
  });
  const rejections = ['unauthorized', 'too large', 'too large', 'too many', 'conflict', 'json'];
  for (const what of rejections) await host.ask('POST /run', what);
  await host.ask('POST /elsewhere', 'too many');
  const rejected = 'wasmrun_agent_exec_rejected_total';
  await host.shows(rejected, { reason: 'unauthorized' }, 1);
  await host.shows(rejected, { reason: 'payload' }, 2);
  await host.shows(rejected, { reason: 'concurrency' }, 1);
});

test('the built-in rules know where the wasmrun document asks for executions', async (t) => {
  const host = await startZeroCodeHost(t);
  await host.ask('POST /api/v1/sessions', 'unauthorized');
  await host.ask('POST /api/v1/sessions/s1/exec', 'too many');
  await host.ask('PUT /api/v1/sessions/s1/files/a/b', 'too large');
  const rejected = 'wasmrun_agent_exec_rejected_total';
  await host.shows(rejected, { reason: 'unauthorized' }, 1);
  await host.shows(rejected, { reason: 'concurrency' }, 1);
  await host.shows(rejected, { reason: 'payload' }, 1);
});
