import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { freePort, send } from './support/client.js';

/** A variable with a value that cannot be used, and what its line must say besides both. */
const MALFORMED: readonly (readonly [name: string, value: string, says: RegExp])[] = [
  ['AGENT_OTEL_DIALECT', 'klingon', /wasmrun, ash, arbiter/],
  ['AGENT_OTEL_INLINE', 'perhaps', /true or false/],
  ['AGENT_OTEL_VERBOSE', '2', /true or false/],
  ['AGENT_OTEL_ACCESS_LOG', 'xml', /kv, json, off/],
  ['AGENT_OTEL_TENANT_LIMIT', 'many', /10000/],
  ['AGENT_OTEL_TENANT_LIMIT', '0', /10000/],
  ['AGENT_OTEL_LOG_LEVEL', 'loud', /none, error, warn, info, debug/],
  ['OTEL_SDK_DISABLED', 'maybe', /true or false/],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '99999', /65535/],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', 'nine', /65535/],
  ['OTEL_TRACES_SAMPLER', 'sometimes', /traceidratio/],
  ['OTEL_TRACES_SAMPLER_ARG', '2', /0 to 1/],
  ['OTEL_TRACES_EXPORTER', 'zipkin', /otlp, none/],
  ['OTEL_METRICS_EXPORTER', 'console', /otlp, prometheus, none/],
  ['OTEL_PROPAGATORS', 'b3', /tracecontext, baggage, none/],
  ['OTEL_METRIC_EXPORT_INTERVAL', '-1', /60000/],
  ['OTEL_METRIC_EXPORT_TIMEOUT', 'soon', /30000/],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', /http:\/\//],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://', /http:\/\//],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', /http\/protobuf/],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'sideways', /cumulative, delta/],
  ['OTEL_LOG_LEVEL', 'loud', /WARN/],
];

/** A host that serves, with nothing on standard error but what we say about ourselves. */
async function serving(t: test.TestContext, env: Record<string, string>): Promise<Host> {
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_ACCESS_LOG: 'off', ...env },
  });
  assert.equal((await send(`${host.url}/ok`)).body, 'ok');
  return host;
}

for (const [name, value, says] of MALFORMED) {
  test(`${name}=${value} is one clear line, and the host runs`, async (t) => {
    const host = await serving(t, { [name]: value });
    await host.stop();
    const lines = host.lines().filter((line) => line.includes(`${name}=`));
    assert.equal(lines.length, 1, host.stderr());
    const [line = ''] = lines;
    assert.ok(line.startsWith('agent-otel warn: ') && line.includes(JSON.stringify(value)), line);
    assert.match(line, says);
    assert.doesNotMatch(host.stderr(), /^ +at /m, 'no stack');
    assert.match(host.stdout(), /^listening on \d+\n$/);
  });
}

/** Variables that OpenTelemetry's own parts read; a bad value of them is not silent either. */
for (const [name, value] of [
  ['OTEL_BSP_SCHEDULE_DELAY', 'soon'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'large'],
  ['OTEL_BSP_EXPORT_TIMEOUT', '-5'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', 'never'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zip'],
] as const) {
  test(`${name}=${value} is one clear line where OTLP is on, and the host runs`, async (t) => {
    const host = await serving(t, {
      [name]: value,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    const ending = await host.stop();
    assert.deepEqual(ending, { code: null, signal: 'SIGTERM' });
    assert.match(host.stdout(), /^listening on \d+\n$/);
    for (const line of host.lines()) assert.match(line, /^agent-otel (warn|error): /);
    const lines = host.lines().filter((line) => line.includes(`${name}=`));
    assert.equal(lines.length, 1, host.stderr());
  });
}

for (const [name, value] of [
  ['OTEL_EXPORTER_OTLP_HEADERS', 'no equals sign'],
  ['OTEL_RESOURCE_ATTRIBUTES', '%%%'],
] as const) {
  test(`${name}=${value} keeps no host from running`, async (t) => {
    const host = await serving(t, {
      [name]: value,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    assert.deepEqual(await host.stop(), { code: null, signal: 'SIGTERM' });
    for (const line of host.lines()) assert.match(line, /^agent-otel (warn|error): /);
  });
}

test('a taken admin port is one warning, and the host runs', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const host = await serving(t, { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
  await host.line(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port} \\(.*EADDRINUSE`));
  await host.stop();
  assert.equal(host.lines().length, 1);
  assert.match(host.stdout(), /^listening on \d+\n$/);
});

test('an admin host that is none is one warning, and the host runs', async (t) => {
  const host = await serving(t, { OTEL_EXPORTER_PROMETHEUS_HOST: '203.0.113.1' });
  await host.line(/cannot listen on 203\.0\.113\.1:0 .*OTEL_EXPORTER_PROMETHEUS_HOST/);
  await host.stop();
  assert.equal(host.lines().length, 1);
});

test('a host that takes the admin port itself gets it', async (t) => {
  const port = await freePort();
  const host = await startHost(t, {
    args: [
      '-e',
      `require('node:http').createServer((q, r) => r.end('host'))
        .listen(${port}, '127.0.0.1', () => console.log(${port}));`,
    ],
    env: { AGENT_OTEL_ACCESS_LOG: 'off', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
  });
  assert.equal((await send(`${host.url}/metrics`)).body, 'host');
  await host.line(/cannot listen/);
});

const EVERYTHING_WRONG = {
  ...Object.fromEntries(MALFORMED.map(([name, value]) => [name, value])),
  AGENT_OTEL_LOG_LEVEL: 'warn',
  AGENT_OTEL_API_KEYS_FILE: '/nowhere/keys',
  AGENT_OTEL_RULES: '/nowhere/rules.json',
  OTEL_EXPORTER_PROMETHEUS_HOST: '203.0.113.1',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
};

test('AGENT_OTEL_LOG_LEVEL=none says nothing, whatever is wrong', async (t) => {
  const host = await serving(t, {
    ...EVERYTHING_WRONG,
    AGENT_OTEL_LOG_LEVEL: 'none',
    AGENT_OTEL_ACCESS_LOG: 'off',
  });
  await host.stop();
  assert.equal(host.stderr(), '');
  assert.match(host.stdout(), /^listening on \d+\n$/);
});

test('with dialect ash every line is JSON, whatever goes wrong', async (t) => {
  const host = await serving(t, {
    ...EVERYTHING_WRONG,
    AGENT_OTEL_DIALECT: 'ash',
    AGENT_OTEL_ACCESS_LOG: 'kv',
    AGENT_OTEL_VERBOSE: 'true',
    OTEL_LOG_LEVEL: 'DEBUG',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '',
    OTEL_METRIC_EXPORT_INTERVAL: '50',
    OTEL_BSP_SCHEDULE_DELAY: 'soon',
  });
  await waitFor(() => host.lines().some((line) => line.includes('"/ok"')), { what: 'its line' });
  await host.line(/cannot listen/);
  await host.stop();
  assert.ok(host.lines().length > 10);
  for (const line of host.lines()) {
    assert.doesNotThrow(() => JSON.parse(line), line);
    assert.equal(typeof JSON.parse(line), 'object');
  }
  const said = host.lines().filter((line) => line.includes('AGENT_OTEL_ACCESS_LOG=kv means json'));
  assert.equal(said.length, 1);
});
