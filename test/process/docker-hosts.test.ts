import assert from 'node:assert/strict';
import test from 'node:test';
import { startDockerEngine } from '../support/docker-engine.js';
import { startHost } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { send } from './support/client.js';

test('a host that executes in containers has its sandbox families without a line of code', async (t) => {
  const engine = await startDockerEngine(t);
  const host = await startHost(t, {
    args: [fixture('executions/docker-host.js')],
    env: {
      AGENT_OTEL_INLINE: 'true',
      AGENT_OTEL_DIALECT: 'arbiter',
      DOCKER_SOCKET: engine.socketPath,
    },
  });
  const families = async (): Promise<string[]> => {
    const { body } = await send(`${host.url}/v1/metrics`);
    return body.split('\n').filter((line) => line.startsWith('arbiter_sandbox_'));
  };
  assert.equal((await send(`${host.url}/exec/echo`)).body, '0');
  assert.equal((await send(`${host.url}/exec/false`)).body, '1');
  assert.equal((await send(`${host.url}/exec/sleep`)).body, 'null');
  assert.deepEqual(await families(), [
    'arbiter_sandbox_exec_total 3',
    'arbiter_sandbox_exec_timeout_total 1',
    'arbiter_sandbox_container_started_total 1',
    'arbiter_sandbox_container_reaped_total 0',
    'arbiter_sandbox_container_rebuilt_total 0',
    'arbiter_sandbox_containers_running 1',
  ]);
  await send(`${host.url}/exec/echo`);
  await send(`${host.url}/reap`);
  await waitFor(async () => (await families()).includes('arbiter_sandbox_containers_running 0'));
  assert.ok((await families()).includes('arbiter_sandbox_container_reaped_total 1'));
});
