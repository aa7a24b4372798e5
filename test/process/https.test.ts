import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { hasPrograms } from '../support/programs.js';
import { temporaryFolder } from './support/ending-host.js';

test('an HTTPS server is followed like an HTTP server', async (t) => {
  if (!hasPrograms(t, 'openssl')) return;
  const folder = temporaryFolder(t);
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [
      '-e',
      `const fs = require('node:fs');
       const options = { key: fs.readFileSync(${JSON.stringify(key)}),
         cert: fs.readFileSync(${JSON.stringify(cert)}) };
       require('node:https').createServer(options, (request, response) => response.end('ok'))
         .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`,
    ],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
  const request = https.get(host.url.replace('http:', 'https:'), {
    rejectUnauthorized: false,
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  const id = String(response.headers['x-request-id']);
  await host.line(new RegExp(`id=${id} method=GET path=/ status=200`));
  const span = await receiver.span(({ spanId }) => spanId === id);
  assert.equal(span.attributes['url.scheme'], 'https');
});
