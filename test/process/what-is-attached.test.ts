import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture, PRELOAD, ROOT } from '../support/paths.js';
import { send } from './support/client.js';
import { temporaryFolder, temporaryModule } from './support/ending-host.js';

const framework = (name: string): string => `${ROOT}test/fixtures/frameworks/${name}`;
const INFO = { AGENT_OTEL_LOG_LEVEL: 'info' };
/** Always there, and in this order. */
const BUILT_INS =
  'fetch and undici, node:http clients, child processes, worker threads, Docker Engine API';

/** Of what is merely installed, at whatever time the look for it ends. */
const INSTALLED = /.* \(found later\): (?:Hono|opossum|cockatiel).*\n?/g;

/** What is said until the admin listener is open, but for what is merely installed. */
async function announced(host: Host): Promise<string[]> {
  await host.line(/the admin listener is at/);
  return host
    .lines()
    .map((line) => line.replace(/^agent-otel info: /, '').replace(/Hono \S+ \(installed\), /, ''))
    .filter((line) => line.replace(INSTALLED, '') !== '' && !line.includes('admin listener'));
}

test('at info it is said once what was attached and what not, the rules, and what is off', async (t) => {
  const file = path.join(temporaryFolder(t), 'rules.json');
  writeFileSync(file, JSON.stringify({ processes: [{ command: 'git', as: 'ignore' }] }));
  const host = await startHost(t, {
    args: [framework('koa.mjs')],
    env: { ...INFO, AGENT_OTEL_RULES: file, AGENT_OTEL_ACCESS_LOG: 'off' },
  });
  const lines = await announced(host);
  assert.equal(lines[0], 'the host has no OpenTelemetry SDK: ours is registered');
  assert.match(
    lines[1] ?? '',
    new RegExp(`^attached to: HTTP/1.1 servers, Koa 3\\S+, ${BUILT_INS}$`),
  );
  assert.ok(lines.includes(`rules: 1 of ${JSON.stringify(file)}, then 14 built in`));
  assert.equal(
    lines.at(-1),
    "off: access lines (AGENT_OTEL_ACCESS_LOG), documented paths on the host's own port " +
      '(AGENT_OTEL_INLINE), OTLP of traces, metrics, logs (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_*_EXPORTER)',
  );
  const before = host.stderr();
  for (let i = 0; i < 3; i++) await send(`${host.url}/users/1`);
  assert.equal(host.stderr().replace(INSTALLED, ''), before.replace(INSTALLED, ''));
  assert.match(host.stdout(), /^\d+\n$/);
});

for (const [name, file, version] of [
  ['Fastify', 'fastify.mjs', '5'],
  ['Express', 'nest.mjs', '5'],
] as const) {
  test(`${name} is named with its version`, async (t) => {
    const host = await startHost(t, { args: [framework(file)], env: INFO });
    const line = (await announced(host)).find((each) => each.startsWith('attached to:'));
    assert.match(line ?? '', new RegExp(`, ${name} ${version}\\.\\d+\\.\\d+, `));
  });
}

test('what is loaded later is said when it is', async (t) => {
  const host = await startHost(t, {
    args: [
      '-e',
      `const server = require('node:http').createServer((request, response) => {
         require('node:http2').createServer().listen(0, '127.0.0.1');
         response.end();
       });
       server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    ],
    env: INFO,
  });
  await host.line(/not loaded so far: HTTP\/2 servers, .*node:http2 clients/);
  await send(host.url);
  await host.line(/^agent-otel info: attached to \(found later\): (?:opossum|cockatiel)$/);
  await host.line(/^agent-otel info: attached to \(found later\): HTTP\/2 servers$/);
  await host.line(/^agent-otel info: attached to \(found later\): node:http2 clients$/);
});

test('a framework whose routes cannot be seen is named with the reason', async (t) => {
  const folder = path.join(temporaryFolder(t), 'node_modules', 'fastify');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "version": "4.29.1" }');
  writeFileSync(path.join(folder, 'fastify.js'), '');
  const host = await startHost(t, {
    args: [
      '-e',
      `require(${JSON.stringify(path.join(folder, 'fastify.js'))});
       const server = require('node:http').createServer();
       server.listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    ],
    env: INFO,
  });
  await host.line(
    /not attached to: Fastify 4\.29\.1 \(publishes no channel; its routes can be named by rules\)$/,
  );
});

test('an instrumentation that was there before us is named', async (t) => {
  const early = temporaryModule(
    t,
    `const { Server } = require('node:http');
     const { emit } = Server.prototype;
     Server.prototype.emit = function (...args) { return emit.apply(this, args); };`,
  );
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    nodeArgs: ['--require', early, '--require', PRELOAD],
    env: INFO,
  });
  await host.line(/attached to: HTTP\/1\.1 servers \(another instrumentation had wrapped them/);
});

test("server spans that are the host's own are named once", async (t) => {
  const host = await startHost(t, {
    args: [fixture('own-sdk.js'), 'before', 'instrumented'],
    env: INFO,
  });
  for (let i = 0; i < 3; i++) await send(`${host.url}/work`);
  await host.line(/attached to the OpenTelemetry SDK that the host has registered$/);
  await host.line(/server spans are those of the host, which makes them itself$/);
  assert.equal(host.stderr().match(/server spans are those/g)?.length, 1);
});

test('with dialect ash each of these lines is a JSON object', async (t) => {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { ...INFO, AGENT_OTEL_DIALECT: 'ash' },
  });
  await host.line(/the admin listener is at/);
  const messages = host.lines().map((line) => {
    const { type, level, message } = JSON.parse(line) as Record<string, string>;
    assert.deepEqual([type, level], ['agent-otel', 'info']);
    return message ?? '';
  });
  assert.ok(messages.some((message) => message.startsWith('attached to: HTTP/1.1 servers, ')));
  assert.ok(messages.includes('rules: 6 built in'));
});

test('at warn, as by default, nothing of it is said', async (t) => {
  const host = await startHost(t, {
    args: [framework('koa.mjs')],
    env: { AGENT_OTEL_ACCESS_LOG: 'off' },
  });
  await send(`${host.url}/users/1`);
  await host.stop();
  assert.equal(host.stderr(), '');
  assert.match(host.stdout(), /^\d+\n$/);
});
