import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture, PRELOAD } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { requestId, send } from './support/client.js';

const HOST = fixture('executions/host.js');

/** The documented sample of a host that serves them on its own port. */
async function sample(host: Host, name: string): Promise<number> {
  const { body } = await send(`${host.url}/api/v1/metrics`);
  const line = body.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

const results = async (host: Host): Promise<number[]> => {
  await waitFor(async () => (await sample(host, 'wasmrun_agent_exec_in_flight')) === 0);
  const of = (result: string): Promise<number> =>
    sample(host, `wasmrun_agent_exec_total{result="${result}"}`);
  return [await of('success'), await of('error'), await of('timeout')];
};

const FORMS = ['exec', 'execFile', 'spawn', 'execFileSync', 'spawnSync'];

for (const flag of ['--require', '--import'] as const) {
  test(`an ES module host under ${flag}: every form counts, and continues the trace`, async (t) => {
    const receiver = await startOtlpReceiver(t);
    const host = await startHost(t, {
      args: [HOST],
      nodeArgs: [flag, PRELOAD],
      env: { AGENT_OTEL_INLINE: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    const told = new Map<string, string>();
    for (const form of FORMS) {
      const answer = await send(`${host.url}/${form}`);
      told.set(requestId(answer), answer.body.trim());
    }
    for (const path of ['fails', 'times-out', 'worker', 'wasi']) await send(`${host.url}/${path}`);
    assert.deepEqual(await results(host), [FORMS.length + 2, 1, 1]);
    await host.stop();
    const executions = receiver.spans().filter(({ name }) => name === 'exec');
    assert.equal(executions.length, FORMS.length + 4);
    for (const [server, traceparent] of told) {
      const span = executions.find(({ parentSpanId }) => parentSpanId === server);
      assert.equal(traceparent, `00-${span?.traceId ?? ''}-${span?.spanId ?? ''}-01`);
    }
  });
}

test('AGENT_OTEL_CHILD_TRACE_CONTEXT=false keeps the trace out of children', async (t) => {
  const host = await startHost(t, {
    args: [HOST],
    env: { AGENT_OTEL_INLINE: 'true', AGENT_OTEL_CHILD_TRACE_CONTEXT: 'false' },
  });
  for (const form of FORMS) {
    assert.equal((await send(`${host.url}/${form}`)).body, '\n');
  }
  assert.deepEqual(await results(host), [FORMS.length, 0, 0]);
});

test('a host sees what it saw: answers, and not a word more on its streams', async (t) => {
  const paths = ['/fails', '/times-out', '/worker', '/unhandled'];
  const answers = async (host: Host): Promise<unknown[]> => {
    const all = [];
    for (const path of paths) {
      const { status, body } = await send(`${host.url}${path}`);
      all.push([status, body]);
    }
    return [...all, host.stdout().replace(/\d+/, ''), host.stderr()];
  };
  const plain = await startHost(t, { args: [HOST], nodeArgs: [] });
  const followed = await startHost(t, { args: [HOST], env: { AGENT_OTEL_ACCESS_LOG: 'off' } });
  assert.deepEqual(await answers(followed), await answers(plain));
});

test('the thread that exports is no execution of the host', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [HOST],
    env: {
      AGENT_OTEL_INLINE: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '1',
    },
  });
  for (let i = 0; i < 3; i++) await send(`${host.url}/execFileSync`);
  await waitFor(() => receiver.spans().length >= 6);
  assert.equal(await sample(host, 'wasmrun_agent_exec_in_flight'), 0);
  assert.deepEqual(await results(host), [3, 0, 0]);
});

const CJS = `
  const { execFile, spawnSync, fork } = require('node:child_process');
  const { Worker } = require('node:worker_threads');
  const server = require('node:http').createServer((request, response) => {
    spawnSync('true');
    new Worker('', { eval: true });
    execFile('true', (error) => response.end(String(error)));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;

test('a CommonJS host that takes the functions out of the module', async (t) => {
  const host = await startHost(t, { args: ['-e', CJS], env: { AGENT_OTEL_INLINE: 'true' } });
  assert.equal((await send(host.url)).body, 'null');
  assert.deepEqual(await results(host), [3, 0, 0]);
});
