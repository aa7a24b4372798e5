import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { hasPrograms } from '../support/programs.js';
import { temporaryFolder } from './support/ending-host.js';

/** Begins a program with the options of an HTTPS server; undefined where openssl is missing. */
function tlsOptions(t: TestContext): string | undefined {
  if (!hasPrograms(t, 'openssl')) return undefined;
  const folder = temporaryFolder(t);
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return `const fs = require('node:fs');
    const options = { key: fs.readFileSync(${JSON.stringify(key)}),
      cert: fs.readFileSync(${JSON.stringify(cert)}) };`;
}

/** The request id of an answer over HTTPS. */
async function ask(host: Host): Promise<string> {
  const request = https.get(host.url.replace('http:', 'https:'), {
    rejectUnauthorized: false,
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return String(response.headers['x-request-id']);
}

const LISTEN = `.listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

test('an HTTPS server is followed like an HTTP server', async (t) => {
  const options = tlsOptions(t);
  if (options === undefined) return;
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [
      '-e',
      `${options} require('node:https').createServer(options, (request, response) =>
        response.end('ok'))${LISTEN}`,
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
  const id = await ask(host);
  await host.line(new RegExp(`id=${id} method=GET path=/ status=200`));
  const span = await receiver.span(({ spanId }) => spanId === id);
  assert.equal(span.attributes['url.scheme'], 'https');
});

test('an HTTPS server that is handed connections is followed where nothing listens', async (t) => {
  const options = tlsOptions(t);
  if (options === undefined) return;
  const client = `const net = require('node:net'); const tls = require('node:tls');
    const { Duplex } = require('node:stream');
    const [near, far] = [0, 1].map(() => new Duplex({ read() {}, write(chunk, _, done) {
      this.other.push(chunk); done(); } }));
    Object.assign(near, { other: far }); Object.assign(far, { other: near });
    server.emit('connection', far);
    const socket = tls.connect({ socket: near, rejectUnauthorized: false }, () =>
      socket.write('GET /handed HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n'));
    socket.on('data', (data) => console.log(String(data)));`;
  const host = await startHost(t, {
    args: [
      '-e',
      `${options} const server = require('node:https').createServer(options, (request, response) =>
         response.on('close', () => setTimeout(process.exit, 100)).end('ok')); ${client}`,
    ],
    listens: false,
  });
  await host.ended;
  const id = /^x-request-id: (\w{16})\r$/im.exec(host.stdout())?.[1];
  assert.ok(id !== undefined, host.stdout() + host.stderr());
  assert.match(host.stderr(), new RegExp(`id=${id} method=GET path=/handed status=200`));
});
