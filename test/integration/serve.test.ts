/** The serve scripts: what they pass on, what they print, and how they end. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor } from '../support/wait.js';
import { SERVE, startExample } from './support/example-server.js';
import { keyFile, keyLine } from './support/key-file.js';
import { startProgram } from './support/processes.js';

/** Executes code in a session of its own. */
async function execute(url: string, code: string): Promise<Record<string, unknown>> {
  const session = await fetch(`${url}/api/v1/sessions`, { method: 'POST' });
  const { id } = (await session.json()) as { id: string };
  const answer = await fetch(`${url}/api/v1/sessions/${id}/exec`, {
    method: 'POST',
    body: JSON.stringify({ code }),
  });
  return (await answer.json()) as Record<string, unknown>;
}

test('serve:wasmrun passes --max-output on, and a longer output is cut and counted', async (t) => {
  const { url } = await startExample(t, 'wasmrun', { args: ['--max-output', '10'] });
  const ended = await execute(url, 'console.log("0123456789abcdef")');
  assert.deepEqual(
    [ended['result'], ended['stdout'], ended['truncated']],
    ['success', '0123456789', true],
  );
  const page = await (await fetch(`${url}/api/v1/metrics`)).text();
  assert.match(page, /^wasmrun_agent_output_truncated_total 1$/m);
  assert.match(page, /^wasmrun_agent_exec_total\{result="success"\} 1$/m);
});

test('serve:wasmrun -v writes a line for each request it receives, ahead of its access line', async (t) => {
  const server = await startExample(t, 'wasmrun', { args: ['-v'] });
  const { headers } = await fetch(`${server.url}/api/v1/metrics?format=json`);
  const id = headers.get('x-request-id') ?? '';
  const access = await waitFor(() => server.lines().find((line) => line.startsWith('ts=')));
  const lines = server.lines();
  const received = `→ GET /api/v1/metrics?format=json (id=${id})`;
  assert.ok(lines.includes(received), lines.join('\n'));
  assert.ok(lines.indexOf(received) < lines.indexOf(access));
  assert.match(access, new RegExp(` id=${id} `));
});

test('serve:wasmrun --auth answers 401 without a valid key and shows no session with one', async (t) => {
  const key = 'correct horse battery staple'.replaceAll(' ', '-');
  const file = keyFile(t, keyLine('acme', key));
  const server = await startExample(t, 'wasmrun', { args: ['--auth', file] });
  const authorized = { authorization: `Bearer ${key}` };
  const wrong = { authorization: 'Bearer wrong' };
  const paths = ['/api/v1/metrics', '/api/v1/metrics?format=json', '/api/v1/sessions'];
  for (const target of paths) {
    const method = target.endsWith('sessions') ? 'POST' : 'GET';
    for (const headers of [{}, wrong]) {
      assert.equal(
        (await fetch(`${server.url}${target}`, { method, headers })).status,
        401,
        target,
      );
    }
    const { status } = await fetch(`${server.url}${target}`, { method, headers: authorized });
    assert.equal(status, 200, target);
  }
  const answer = await fetch(`${server.url}${paths[1] ?? ''}`, { headers: authorized });
  const page = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual(page['exec_rejected_total'], { concurrency: 0, payload: 0, unauthorized: 6 });
  assert.equal(page['sessions_active'], 1);
  assert.ok(!('sessions' in page));

  const tenants = (): string[] =>
    server.lines().flatMap((line) => /^ts=.* tenant=(\S+)$/.exec(line)?.[1] ?? []);
  await waitFor(() => tenants().length === 10, { what: 'ten access lines' });
  assert.deepEqual(tenants().sort(), [
    ...Array<string>(6).fill('-'),
    ...Array<string>(4).fill('acme'),
  ]);
});

test('serve:wasmrun --auth with a file that cannot be used lets nobody in', async (t) => {
  const key = 'k'.repeat(20);
  for (const file of [keyFile(t, ''), keyFile(t, `acme:${key}\n`), '/does/not/exist']) {
    const { url } = await startExample(t, 'wasmrun', { args: ['--auth', file] });
    for (const headers of [{}, { authorization: `Bearer ${key}` }]) {
      assert.equal((await fetch(`${url}/api/v1/metrics`, { headers })).status, 401);
    }
  }
});

test('serve:ash writes nothing but JSON objects, whatever clients and operators do', async (t) => {
  const server = await startExample(t, 'ash', {
    env: { AGENT_OTEL_VERBOSE: 'true', AGENT_OTEL_ACCESS_LOG: 'kv', AGENT_OTEL_TENANT_LIMIT: 'x' },
  });
  const { port } = new URL(server.url);
  const adminPort = new URL(server.adminUrl).port;
  for (const target of ['/health', '/metrics', '/no/such%0aroute', '/api/sessions?a="b"']) {
    await fetch(`${server.url}${target}`);
  }
  await fetch(`${server.url}/api/sessions`, { method: 'POST', body: '{"agent":' });
  const created = await fetch(`${server.url}/api/sessions`, {
    method: 'POST',
    body: '{"agent":"a"}',
  });
  const { session } = (await created.json()) as { session: { id: string } };
  await fetch(`${server.url}/api/sessions/${session.id}/messages`, {
    method: 'POST',
    body: '{"content":"crash"}',
  });
  const others = [
    { args: [], port },
    { args: ['--nonsense'], port: '0' },
  ].map((other) =>
    startProgram(t, {
      command: process.execPath,
      args: [SERVE, 'ash', ...other.args],
      env: { PORT: other.port, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    }),
  );
  const sameAdmin = startProgram(t, {
    command: process.execPath,
    args: [SERVE, 'ash'],
    env: { PORT: '0', OTEL_EXPORTER_PROMETHEUS_PORT: adminPort },
  });
  await sameAdmin.says(/(cannot listen)/);
  await sameAdmin.stop();
  assert.deepEqual(await Promise.all(others.map(({ ended }) => ended)), [
    { code: 1, signal: null },
    { code: 2, signal: null },
  ]);
  await server.stop();
  for (const program of [server, sameAdmin, ...others]) {
    const lines = program.merged().split('\n');
    assert.equal(lines.pop(), '');
    assert.ok(lines.length > 0);
    for (const line of lines) {
      assert.equal(typeof JSON.parse(line), 'object', line);
      assert.match(line, /^\{.*\}$/);
    }
  }
});
