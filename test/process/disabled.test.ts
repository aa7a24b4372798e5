import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { send } from './support/client.js';
import { PRELOADED } from './support/ending-host.js';

/** Everything that a preload might leave behind, as a host can see it. */
const SURVEY = `
  const http = require('node:http'), https = require('node:https'), net = require('node:net');
  const { exec, provider, request, sandbox, session } = require('agent-otel');
  const prototypes = { http: http.Server.prototype, https: https.Server.prototype,
    net: net.Server.prototype, response: http.ServerResponse.prototype, emitter: process };
  const seen = () => ({
    own: Object.fromEntries(Object.entries(prototypes).map(([name, prototype]) =>
      [name, Object.getOwnPropertyNames(prototype).sort()])),
    source: [http.Server.prototype.emit, net.Server.prototype.listen,
      http.ServerResponse.prototype.writeHead].map(String),
    listeners: Object.fromEntries(process.eventNames().map((name) =>
      [String(name), process.listenerCount(name)])),
    globals: Reflect.ownKeys(globalThis).map(String).sort(),
    environment: Object.keys(process.env).filter((name) => name.startsWith('AGENT_')),
    handles: process.getActiveResourcesInfo().sort(),
    modules: Object.keys(require.cache).filter((file) => /register|opentelemetry.sdk/.test(file)),
  });
  const server = http.createServer((incoming, response) => {
    const events = [
      exec.run({ session: 's' }, (run) => { run.truncated(); run.end('success'); return 1; }),
      provider.call({ provider: 'openai' }, (call) => call.attempt(() => 2)),
      provider.attempt(() => 3),
      request.run({ route: 'messages', tenant: 't' }, () => 4),
      sandbox.start({ id: 'b' }, () => 5),
      session.within('s', () => 6),
    ];
    session.created({ id: 's' });
    session.resumed({ id: 's', path: 'warm' });
    session.message('s').end();
    exec.rejected('payload');
    request.identified({ tenant: 't' });
    sandbox.observePool(() => ({ warm: 1 }))();
    response.end(JSON.stringify({ events, ...seen() }));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

interface Survey {
  events: number[];
  environment: string[];
  modules: string[];
  [what: string]: unknown;
}

async function survey(host: Host): Promise<{ found: Survey; headers: string[] }> {
  const { body, headers } = await send(`${host.url}/`);
  return { found: JSON.parse(body) as Survey, headers: Object.keys(headers) };
}

test('OTEL_SDK_DISABLED=true leaves a host exactly as it is without the preload', async (t) => {
  const env = {
    AGENT_OTEL_INLINE: 'true',
    AGENT_OTEL_VERBOSE: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  };
  const bare = await startHost(t, { args: ['-e', SURVEY], nodeArgs: [] });
  const disabled = await startHost(t, {
    args: ['-e', SURVEY],
    nodeArgs: PRELOADED,
    env: { ...env, OTEL_SDK_DISABLED: 'true' },
  });
  const expected = await survey(bare);
  const seen = await survey(disabled);
  assert.deepEqual(seen.found.events, [1, 2, 3, 4, 5, 6], 'events hand on what they were given');
  // The variables that this test sets itself are in the environment of the one alone.
  const comparable = ({ found, headers }: typeof seen): unknown => ({
    ...found,
    environment: found.environment.filter((name) => !(name in env)),
    modules: undefined,
    headers,
  });
  assert.deepEqual(comparable(seen), comparable(expected));
  assert.deepEqual(
    seen.found.modules.filter((file) => file.includes('opentelemetry')),
    [],
    'no SDK is loaded',
  );
  await disabled.stop();
  assert.equal(disabled.stderr(), '');
  assert.equal(disabled.stdout(), `${new URL(disabled.url).port}\n`);
});

test('OTEL_SDK_DISABLED=true serves no documented path and sends no request id', async (t) => {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { OTEL_SDK_DISABLED: 'TRUE', AGENT_OTEL_INLINE: 'true' },
  });
  const answer = await send(`${host.url}/api/v1/metrics`);
  assert.equal(answer.status, 404);
  assert.ok(!('x-request-id' in answer.headers));
  await host.stop();
  assert.equal(host.stderr(), '');
});

test('without the preload the events are no-ops', async (t) => {
  const host = await startHost(t, { args: [fixture('all-events.js')], nodeArgs: [] });
  assert.equal((await send(`${host.url}/drive`)).body, 'driven');
  await host.stop();
  assert.equal(host.stderr(), '');
});
