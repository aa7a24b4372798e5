import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture, PRELOAD, ROOT } from '../support/paths.js';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import { parseAccessLine } from './support/access-lines.js';
import { freePort, requestId, send } from './support/client.js';
import { readSamples } from './support/exposition.js';
import { startFifoHost } from './support/fifo-host.js';

/** Slow for a request to a server that does nothing, and far below a stalled loop. */
const BOUND_MS = 1000;
const REQUESTS = 2500;

/** Makes requests one after the other; returns the longest that one took. */
async function slowest(t: test.TestContext, url: string, path: string): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
  });
  let longestMs = 0;
  for (let i = 0; i < REQUESTS; i++) {
    const start = performance.now();
    await send(`${url}${path}`, { agent });
    longestMs = Math.max(longestMs, performance.now() - start);
  }
  return longestMs;
}

async function droppedLines(url: string): Promise<number> {
  const { body } = await send(`${url}/metrics`);
  return readSamples(body)
    .filter(({ name }) => name === 'agent_log_dropped_total')
    .reduce((total, { value }) => total + value, 0);
}

test('a reader of standard error that has stopped blocks no request and loses no line', async (t) => {
  if (!hasPrograms(t, 'mkfifo')) return;
  const host = await startFifoHost(t, { args: [fixture('answers.js')] });
  const longestMs = await slowest(t, host.url, `/${'p'.repeat(200)}`);
  assert.ok(longestMs < BOUND_MS, `${longestMs} ms`);
  // The pipe was full long before; what did not fit comes once somebody reads.
  const lines = await waitFor(
    () => {
      const text = host.read();
      return text.split('\n').length > REQUESTS && text.split('\n').slice(0, -1);
    },
    { what: 'every line' },
  );
  assert.equal(lines.length, REQUESTS);
  for (const line of lines) assert.ok(parseAccessLine(line) !== undefined, line);
});

test('past its bound it drops whole lines, counts them, and recovers', async (t) => {
  if (!hasPrograms(t, 'mkfifo')) return;
  const port = await freePort();
  const host = await startFifoHost(t, {
    args: [fixture('answers.js')],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), AGENT_OTEL_DIALECT: 'wasmrun' },
  });
  const longestMs = await slowest(t, host.url, `/${'p'.repeat(2000)}`);
  assert.ok(longestMs < BOUND_MS, `${longestMs} ms`);

  // A line of now comes after everything that was kept.
  let probes = 0;
  await waitFor(
    async () => {
      probes++;
      host.read();
      const sent = requestId(await send(`${host.url}/ok`));
      return host.read().includes(`id=${sent}`);
    },
    { what: 'a line after the recovery' },
  );
  const lines = host.read().split('\n').slice(0, -1);
  for (const line of lines) assert.ok(parseAccessLine(line) !== undefined, line);
  const kept = lines.filter((line) => line.includes('path=/ppp')).length;
  assert.ok(kept < REQUESTS, 'some were dropped');
  const missing = REQUESTS - kept;
  const dropped = await droppedLines(`http://127.0.0.1:${port}`);
  // The lines of the requests that waited for the recovery may be among the dropped ones.
  assert.ok(
    dropped >= missing && dropped <= missing + probes,
    `${dropped}, ${missing} are missing`,
  );
});

test('a full standard error delays process.exit by a moment only', async (t) => {
  if (!hasPrograms(t, 'mkfifo')) return;
  const host = await startFifoHost(t, { args: [fixture('ending.js'), 'process.exit'] });
  for (let i = 0; i < 60; i++) await send(`${host.url}/${'p'.repeat(2000)}/work`);
  const start = performance.now();
  await send(`${host.url}/end`).catch(() => undefined);
  assert.deepEqual(await host.ended, { code: 5, signal: null });
  assert.ok(performance.now() - start < 2000);
  for (const line of host.read().split('\n').slice(0, -1)) {
    assert.ok(parseAccessLine(line) !== undefined, line);
  }
});

test('a host whose standard error is closed from the start runs as ever', async (t) => {
  const source = `const { spawn } = require('node:child_process');
    const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&-', process.execPath, '--require',
      ${JSON.stringify(PRELOAD)}, ${JSON.stringify(fixture('ending.js'))}, 'process.exit'],
      { cwd: ${JSON.stringify(ROOT)}, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('close', (code) => process.exit(code));`;
  const host = await startHost(t, { args: ['-e', source], nodeArgs: [] });
  for (let i = 0; i < 3; i++) {
    assert.match(requestId(await send(`${host.url}/work`)), /^[0-9a-f]{16}$/);
  }
  await send(`${host.url}/end`);
  assert.deepEqual(await host.ended, { code: 5, signal: null });
});

test('a reader of standard error that goes away takes the lines with it and nothing else', async (t) => {
  const host = await startHost(t, { args: [fixture('ending.js'), 'process.exit'] });
  await send(`${host.url}/work`);
  await host.line(/path=\/work/);
  host.child.stderr?.destroy();
  for (let i = 0; i < 20; i++) {
    assert.match(requestId(await send(`${host.url}/work`)), /^[0-9a-f]{16}$/);
  }
  await send(`${host.url}/end`);
  assert.deepEqual(await host.ended, { code: 5, signal: null });
});
