import test from 'node:test';
import { fixture } from '../support/paths.js';
import { startZeroCodeHost, type ZeroCodeHost } from './support/zero-code-host.js';

const args = [fixture('executions/port-pool.js')];

async function execs(
  host: ZeroCodeHost,
  [success, error, inFlight]: readonly [number, number, number],
): Promise<void> {
  await host.shows('wasmrun_agent_exec_total', { result: 'success' }, success);
  await host.shows('wasmrun_agent_exec_total', { result: 'error' }, error);
  await host.shows('wasmrun_agent_exec_in_flight', {}, inFlight);
}

test('a pooled worker that a request starts is an execution where no rule says what it is', async (t) => {
  const host = await startZeroCodeHost(t, { args });
  await host.ask('POST /run', '');
  await host.ask('POST /run', '');
  await execs(host, [0, 0, 1]);
});

test('with rules its worker is a sandbox, and each request an execution', async (t) => {
  const host = await startZeroCodeHost(t, {
    args,
    rules: {
      routes: [{ match: { path: '/run' }, exec: {} }],
      processes: [{ kind: 'worker', as: 'sandbox', capacity: 1 }],
    },
  });
  await host.ask('POST /run', '');
  await host.ask('POST /run', '');
  await host.ask('POST /run?fails', '');
  await execs(host, [2, 1, 0]);
  await host.shows('ash_active_sandboxes', {}, 1);
  await host.shows('ash_pool_sandboxes', { state: 'warm' }, 1);
  await host.shows('ash_pool_sandboxes', { state: 'running' }, 0);
  await host.shows('ash_pool_max_capacity', {}, 1);
  await host.shows('arbiter_sandbox_container_started_total', {}, 1);
});
