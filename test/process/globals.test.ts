import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';

/** Reports at each step which of OpenTelemetry's globals are registered. */
const HEAD = `
  const steps = [];
  const note = (step) => {
    const registered = globalThis[Symbol.for('opentelemetry.js.api.1')] ?? {};
    steps.push([step, Object.keys(registered).filter((key) => key !== 'version').sort()]);
  };
  note('start');
  const http = require('node:http');
  const api = require('@opentelemetry/api');
  const { exec, session } = require('agent-otel');
  note('imports');
`;

async function stepsOf(
  t: test.TestContext,
  source: string,
  env: Record<string, string> = {},
): Promise<Record<string, string[]>> {
  const host = await startHost(t, {
    args: ['-e', HEAD + source + `console.log(JSON.stringify(steps))`],
    listens: false,
    env: { AGENT_OTEL_LOG_LEVEL: 'debug', ...env },
  });
  await host.ended;
  const text = host.stdout();
  assert.ok(text.startsWith('['), host.stderr());
  return Object.fromEntries(JSON.parse(text) as [string, string[]][]);
}

const ALL = ['context', 'metrics', 'propagation', 'trace'];

test('nothing global of OpenTelemetry is registered before the first listen', async (t) => {
  const steps = await stepsOf(
    t,
    `const server = http.createServer(() => undefined);
     note('server');
     server.listen(0);
     note('listen');
     server.close();`,
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
  );
  assert.deepEqual(steps['start'], []);
  assert.deepEqual(steps['imports'], []);
  assert.deepEqual(steps['server'], []);
  assert.deepEqual(
    ALL.filter((kind) => !steps['listen']?.includes(kind)),
    [],
  );
});

test('nothing global of OpenTelemetry is registered before the first event', async (t) => {
  const steps = await stepsOf(t, `exec.run({}, () => 1); note('event');`);
  assert.deepEqual(steps['imports'], []);
  assert.deepEqual(
    ALL.filter((kind) => !steps['event']?.includes(kind)),
    [],
  );
});

test('bad variables are reported without registering a diag logger at the start', async (t) => {
  const steps = await stepsOf(t, '', { AGENT_OTEL_DIALECT: 'klingon', OTEL_LOG_LEVEL: 'DEBUG' });
  assert.deepEqual(steps['imports'], []);
});

test('a host that neither listens nor records an event says nothing and ends', async (t) => {
  const host = await startHost(t, { args: ['-e', '0'], listens: false });
  assert.deepEqual(await host.ended, { code: 0, signal: null });
  assert.equal(host.stdout() + host.stderr(), '');
});

test('a diag logger that the host has registered stays its own', async (t) => {
  const steps = await stepsOf(
    t,
    `const kept = [];
     const take = (...args) => kept.push(args);
     api.diag.setLogger({ error: take, warn: take, info: take, debug: take, verbose: take });
     exec.run({}, () => 1);
     kept.length = 0;
     api.diag.error('mine');
     steps.push(['kept', kept.map(String)]);`,
    { OTEL_LOG_LEVEL: 'DEBUG' },
  );
  assert.deepEqual(steps['kept'], ['mine']);
});
