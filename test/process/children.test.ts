import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture, PRELOAD } from '../support/paths.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { requestId, send } from './support/client.js';

interface Told {
  requestId: string | null;
  runtime: boolean;
  otelGlobals: boolean;
  signalListeners: number;
}

async function startInside(host: Host, how: string): Promise<{ told: Told; said: string }> {
  const { body } = await send(`${host.url}/${how}`);
  const { told, said } = JSON.parse(body) as { told: string; said: string };
  return { told: JSON.parse(told) as Told, said };
}

const QUIET: Told = {
  requestId: null,
  runtime: false,
  otelGlobals: false,
  signalListeners: 0,
};

for (const [how, what] of [
  ['fork', 'a forked child that inherits the flags of Node'],
  ['spawn', 'a spawned child that inherits NODE_OPTIONS'],
  ['worker', 'a worker thread'],
] as const) {
  test(`${what} opens no listener, exports nothing and says nothing`, async (t) => {
    const receiver = await startOtlpReceiver(t);
    const host = await startHost(t, {
      args: [fixture('parent.js')],
      nodeArgs: how === 'spawn' ? [] : ['--require', PRELOAD],
      env: {
        // What a child could complain about, at the level at which it would.
        AGENT_OTEL_LOG_LEVEL: 'debug',
        AGENT_OTEL_DIALECT: 'klingon',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ...(how === 'spawn' && { NODE_OPTIONS: '--require agent-otel/register' }),
      },
    });
    const { told, said } = await startInside(host, how);
    assert.deepEqual(told, QUIET);
    assert.equal(said, '');
    await host.line(new RegExp(`path=/${how} status=200`));
    await host.stop();
    assert.equal(host.lines().filter((line) => line.includes('klingon')).length, 1);
    const served = receiver.spans().filter(({ kind }) => kind === 'SERVER');
    assert.deepEqual(
      served.map(({ attributes }) => attributes['url.path']),
      [`/${how}`],
    );
  });
}

test('a child that is started with AGENT_OTEL_PARENT empty has telemetry of its own', async (t) => {
  const host = await startHost(t, {
    args: [fixture('parent.js')],
    nodeArgs: [],
    env: { NODE_OPTIONS: '--require agent-otel/register' },
  });
  const { told, said } = await startInside(host, 'asked');
  assert.match(told.requestId ?? '', /^[0-9a-f]{16}$/);
  assert.ok(told.runtime);
  assert.match(said, new RegExp(`^ts=\\S+ id=${told.requestId} method=GET path=/ status=200 `));
});

/** A host that ends with whoever started it. */
const INNER = `
  process.once('disconnect', () => process.exit());
  const http = require('node:http');
  const server = http.createServer((request, response) => response.end());
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
const OUTER = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', ${JSON.stringify(INNER)}],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });`;

test('a program that starts the host, such as npm, takes nothing away from it', async (t) => {
  const outer = await startHost(t, {
    args: ['-e', OUTER],
    nodeArgs: [],
    env: { NODE_OPTIONS: '--require agent-otel/register' },
  });
  const answer = await send(`${outer.url}/inner`);
  assert.match(requestId(answer), /^[0-9a-f]{16}$/);
  await outer.line(new RegExp(`id=${requestId(answer)} method=GET path=/inner status=200`));
});
