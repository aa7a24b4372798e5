/** The command and the sample of arbiter's document, as printed, on the example server. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { assertLikeSample, documented } from './support/documents.js';
import { startExample, type ExampleServer } from './support/example-server.js';
import { parseExposition } from './support/exposition.js';
import { sh } from './support/shell.js';

const PATHS = { orchestrate: '/v1/orchestrate', messages: '/v1/conversations/c1/messages' };

async function ask(
  { url }: ExampleServer,
  { tenant, route }: { tenant: number; route: keyof typeof PATHS },
): Promise<void> {
  const answer = await fetch(`${url}${PATHS[route]}`, {
    method: 'POST',
    headers: { authorization: `Bearer tenant-${tenant}-key` },
    body: JSON.stringify({ message: 'hello there', provider: 'ollama' }),
  });
  assert.match(await answer.text(), /event: done\ndata: \{"ok":true\}\n/);
}

function commandFor(server: ExampleServer): string {
  return documented('arbiter-commands.sh').replace('arbiter.example.com', new URL(server.url).host);
}

test('the curl command of the arbiter document shows its sample after the same requests', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const server = await startExample(t, 'arbiter');
  await ask(server, { tenant: 1, route: 'orchestrate' });
  await ask(server, { tenant: 1, route: 'messages' });
  await ask(server, { tenant: 1, route: 'messages' });
  await ask(server, { tenant: 2, route: 'orchestrate' });

  const { stdout, status } = await sh(commandFor(server));
  assert.equal(status, 0);
  assertLikeSample(stdout, documented('arbiter-metrics.txt'));
  const started = parseExposition(stdout).find(
    ({ name }) => name === 'arbiter_requests_started_total',
  );
  assert.deepEqual(
    started?.samples.map(({ labels, value }) => [labels['tenant'], labels['route'], value]),
    [
      ['1', 'orchestrate', 1],
      ['1', 'messages', 2],
      ['2', 'orchestrate', 1],
    ],
  );
});

test('a fresh arbiter shows HELP and TYPE of every documented metric', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const server = await startExample(t, 'arbiter');
  const { stdout } = await sh(commandFor(server));
  const names = parseExposition(stdout).map(({ name, type }) => `${name} ${type}`);
  assert.deepEqual(names, [
    'arbiter_requests_started_total counter',
    'arbiter_requests_completed_total counter',
    'arbiter_request_duration_ms_sum counter',
    'arbiter_in_flight gauge',
    'arbiter_provider_calls_total counter',
    'arbiter_provider_retries_total counter',
    'arbiter_provider_5xx_total counter',
    'arbiter_provider_429_total counter',
    'arbiter_provider_circuit_open_total counter',
    'arbiter_sandbox_exec_total counter',
    'arbiter_sandbox_exec_timeout_total counter',
    'arbiter_sandbox_container_started_total counter',
    'arbiter_sandbox_container_reaped_total counter',
    'arbiter_sandbox_container_rebuilt_total counter',
    'arbiter_sandbox_containers_running gauge',
    'arbiter_idempotency_replay_total counter',
    'arbiter_idempotency_miss_total counter',
    'arbiter_rate_limited_total counter',
  ]);
});

test('the scrape of arbiter has the documented headers, and wrong paths are 404', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const server = await startExample(t, 'arbiter');
  const { stdout } = await sh(commandFor(server).replace('curl', 'curl -si'));
  const [head = ''] = stdout.split('\r\n\r\n');
  const lines = head.split('\r\n');
  assert.equal(lines[0], 'HTTP/1.1 200 OK');
  for (const header of [
    'Content-Type: text/plain; version=0.0.4; charset=utf-8',
    'Connection: close',
  ]) {
    assert.deepEqual(
      lines.filter(
        (line) => line.split(':')[0]?.toLowerCase() === header.split(':')[0]?.toLowerCase(),
      ),
      [header],
    );
  }
  for (const path of [
    '/v1/metric',
    '/v1/metrics/',
    '/v1/metrics/more',
    '/metrics',
    '/health',
    '/',
  ]) {
    assert.equal((await fetch(`${server.url}${path}`)).status, 404, path);
  }
});
