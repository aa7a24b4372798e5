import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from '../support/host.js';
import { fixture, PRELOAD } from '../support/paths.js';

// TypeScript runners and process managers listen on sockets of their own before they start
// the server. Were that taken for the host's first listen, the parent would have the
// telemetry and the server, its child, would stay quiet.
test('a parent that listens on a plain socket leaves the telemetry to its child', async (t) => {
  const source = `
    const { spawn } = require('node:child_process');
    require('node:net').createServer().listen(0, '127.0.0.1', () => {
      const child = spawn(process.execPath, ['--require', ${JSON.stringify(PRELOAD)}, ${JSON.stringify(fixture('nested-servers.js'))}], { stdio: 'inherit' });
      process.on('SIGTERM', () => child.kill());
      child.on('exit', () => process.exit());
    });`;
  const host = await startHost(t, {
    args: [],
    nodeArgs: ['--require', PRELOAD, '--eval', source],
  });
  const response = await fetch(host.url);
  assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f]{16}$/);
  await host.line(/path=\/ status=200/);
  await host.stop();
});
