import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { freePort } from './support/client.js';
import { waitFor } from '../support/wait.js';

/** Serves one request of its own and is then done. */
const ONE_REQUEST = `
  const http = require('node:http');
  const { exec, session, sandbox } = require('agent-otel');
  const server = http.createServer((request, response) => {
    session.created({ id: 's', directory: process.cwd(), idleTimeoutMs: 3_600_000 });
    sandbox.observePool(() => new Promise(() => undefined));
    exec.run({ session: 's' }, () => undefined);
    response.end('done');
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(server.address().port);
    http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
      response.resume().once('end', () => {
        console.log('served', response.headers['x-request-id'] !== undefined);
        server.close();
      });
    });
  });`;

const CASES: Readonly<Record<string, Record<string, string>>> = {
  'with the defaults': {},
  'with everything on': {
    AGENT_OTEL_INLINE: 'true',
    AGENT_OTEL_VERBOSE: 'true',
    AGENT_OTEL_LOG_LEVEL: 'debug',
    OTEL_LOG_LEVEL: 'DEBUG',
    ASH_DEBUG_TIMING: '1',
  },
  'without the admin listener': { OTEL_METRICS_EXPORTER: 'none' },
  'with the line in JSON': { AGENT_OTEL_DIALECT: 'ash', AGENT_OTEL_ACCESS_LOG: 'json' },
};

for (const [what, env] of Object.entries(CASES)) {
  test(`a host that is done ends by itself, and its standard output is its own: ${what}`, async (t) => {
    const host = await startHost(t, { args: ['-e', ONE_REQUEST], env });
    assert.deepEqual(await host.ended, { code: 0, signal: null });
    assert.match(host.stdout(), /^\d+\nserved true\n$/);
  });
}

test('OTLP that works holds no host open, and nothing of it is on standard output', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: ['-e', ONE_REQUEST],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_LOG_LEVEL: 'ALL',
      OTEL_BSP_SCHEDULE_DELAY: '5',
      OTEL_METRIC_EXPORT_INTERVAL: '5',
    },
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  assert.match(host.stdout(), /^\d+\nserved true\n$/);
  assert.ok(receiver.spans().length >= 2);
});

async function connected(port: number): Promise<net.Socket | undefined> {
  const socket = net.connect(port, '127.0.0.1');
  return once(socket, 'connect').then(
    () => socket,
    () => undefined,
  );
}

test('a scraper that keeps its connection open holds no host open', async (t) => {
  const port = await freePort();
  const source = `
    const http = require('node:http');
    const server = http.createServer((request, response) => response.end());
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    process.once('SIGTERM', () => server.close());`;
  const host = await startHost(t, {
    args: ['-e', source],
    env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
  });
  // The admin listener opens a turn after the host's own.
  const socket = await waitFor(() => connected(port), { what: 'the admin listener' });
  t.after(() => socket.destroy());
  socket.write('GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(socket, 'data');
  assert.deepEqual(await host.stop(), { code: 0, signal: null });
});

test('events alone, without any server, hold nothing open either', async (t) => {
  const host = await startHost(t, {
    args: [
      '-e',
      `const { exec, sandbox, session } = require('agent-otel');
       session.created({ id: 's', idleTimeoutMs: 3_600_000 });
       sandbox.observePool(() => ({ warm: 1 }));
       console.log(exec.run({}, () => 42));`,
    ],
    listens: false,
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  assert.equal(host.stdout(), '42\n');
  assert.equal(host.stderr(), '');
});

test('a program without a server exports its events before it ends', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: ['-e', `require('agent-otel').exec.run({}, () => undefined);`],
    listens: false,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  assert.deepEqual(
    receiver.spans().map(({ name }) => name),
    ['exec'],
  );
  const exec = receiver.lastPoints().find(({ name, count }) => {
    return name === 'agent.exec.duration' && count === 1;
  });
  assert.equal(exec?.attributes['agent.exec.result'], 'success');
});
