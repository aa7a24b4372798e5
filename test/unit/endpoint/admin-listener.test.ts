import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createAdminListener, type AdminListener } from '../../../src/endpoint/admin-listener.js';
import { waitFor } from '../../support/wait.js';

function create(
  t: TestContext,
  port = 0,
): { admin: AdminListener; urls: string[]; problems: string[] } {
  const urls: string[] = [];
  const problems: string[] = [];
  const admin = createAdminListener({
    host: '127.0.0.1',
    port,
    handle: (_request, response) => response.end('page'),
    onListening: (url) => urls.push(url),
    onProblem: (problem) => problems.push(problem),
  });
  t.after(() => {
    admin.close();
  });
  return { admin, urls, problems };
}

test('it listens once it is opened, once, and says where', async (t) => {
  const { admin, urls, problems } = create(t);
  assert.equal(admin.server.listening, false);
  admin.open();
  admin.open();
  const url = await waitFor(() => urls[0]);
  assert.match(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.equal(await (await fetch(url)).text(), 'page');
  assert.equal(urls.length, 1);
  assert.deepEqual(problems, []);
});

test('a port that is taken is one problem that names the port and the variables', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const { admin, problems } = create(t, port);
  admin.open();
  const problem = await waitFor(() => problems[0]);
  assert.ok(problem.includes(`127.0.0.1:${port}`));
  assert.match(problem, /EADDRINUSE/);
  assert.match(problem, /OTEL_EXPORTER_PROMETHEUS_PORT/);
  assert.equal(problems.length, 1);
});
