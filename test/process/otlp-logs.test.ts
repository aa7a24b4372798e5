import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host, type HostOptions } from '../support/host.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import type { OtlpLogRecord } from '../support/otlp-decode.js';
import { fixture } from '../support/paths.js';
import { installWithoutGrpc } from './support/without-grpc.js';
import { waitFor } from '../support/wait.js';
import { requestId, send } from './support/client.js';

const FAST = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_BLRP_SCHEDULE_DELAY: '50' };

async function start(
  t: test.TestContext,
  env: HostOptions['env'] = {},
): Promise<{ host: Host; receiver: OtlpReceiver }> {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST, ...env },
  });
  return { host, receiver };
}

const recordOf = (receiver: OtlpReceiver, eventName: string): Promise<OtlpLogRecord> =>
  waitFor(() => receiver.logRecords().find((record) => record.eventName === eventName), {
    what: `a record of ${eventName}`,
  });

test('an access record says what the line says, with the ids of the server span', async (t) => {
  const { host, receiver } = await start(t);
  const answer = await send(`${host.url}/exec?secret=1`);
  const line = await host.line(/path=\/exec/);
  const record = await recordOf(receiver, 'agent.request.ended');
  const span = await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');

  assert.equal(record.body, line);
  assert.deepEqual([record.traceId, record.spanId], [span.traceId, span.spanId]);
  assert.deepEqual([record.severityNumber, record.severityText], [9, 'INFO']);
  assert.equal(record.timeNanos, span.endNanos);
  assert.equal(record.scope.name, 'agent-otel');
  assert.deepEqual(record.resource, span.resource);
  const { 'agent.request.duration_ms': duration, ...attributes } = record.attributes;
  assert.match(line, new RegExp(` dur_ms=${String(duration)} `));
  assert.deepEqual(attributes, {
    'agent.request.id': requestId(answer),
    'http.request.method': 'GET',
    'url.path': '/exec',
    'http.response.status_code': 200,
  });
});

test('an access record has its tenant and the severity of its status', async (t) => {
  const { host, receiver } = await start(t);
  await send(`${host.url}/tenant?name=acme%20inc`);
  await send(`${host.url}/fail`);
  const byPath = (path: string): Promise<OtlpLogRecord> =>
    waitFor(() => receiver.logRecords().find(({ attributes }) => attributes['url.path'] === path));
  assert.equal((await byPath('/tenant')).attributes['agent.tenant.id'], 'acme inc');
  const failed = await byPath('/fail');
  assert.deepEqual([failed.severityNumber, failed.severityText], [17, 'ERROR']);
  assert.equal(failed.attributes['http.response.status_code'], 500);
});

for (const dialect of ['ash', 'wasmrun', 'arbiter']) {
  test(`with dialect ${dialect} timing and resume records go out, whatever lines it has`, async (t) => {
    const { host, receiver } = await start(t, {
      AGENT_OTEL_DIALECT: dialect,
      ASH_DEBUG_TIMING: '1',
    });
    await send(`${host.url}/session`);

    const resumed = await recordOf(receiver, 'agent.session.resumed');
    assert.deepEqual(resumed.attributes, {
      'agent.session.id': 's1',
      'agent.session.resume.path': 'warm',
      'gen_ai.agent.name': 'helper',
    });
    const timed = await recordOf(receiver, 'agent.message.answered');
    assert.equal(timed.attributes['agent.session.id'], 's1');
    assert.equal(timed.attributes['agent.sandbox.id'], 'b1');
    assert.equal(timed.attributes['agent.message.event_count'], 1);
    const { type, totalMs } = JSON.parse(String(timed.body)) as { type: string; totalMs: number };
    assert.equal(type, 'timing');
    const precise = timed.attributes['agent.message.total_ms'];
    assert.ok(Math.abs(Number(precise) - totalMs) <= 0.005);
    for (const { traceId, spanId } of [resumed, timed]) {
      assert.match(`${traceId} ${spanId}`, /^[0-9a-f]{32} [0-9a-f]{16}$/);
    }
    const written = host.lines().filter((line) => /"type":"(timing|resume_hit)"/.test(line));
    assert.equal(written.length, dialect === 'ash' ? 2 : 0);
  });
}

test('records go out where no line is written and no trace is sampled', async (t) => {
  const { host, receiver } = await start(t, {
    AGENT_OTEL_ACCESS_LOG: 'off',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
  });
  const id = requestId(await send(`${host.url}/exec`));
  const record = await recordOf(receiver, 'agent.request.ended');
  assert.equal(record.attributes['agent.request.id'], id);
  assert.equal(host.stderr(), '');
  await host.stop();
  assert.deepEqual([...new Set(receiver.requests.map(({ path }) => path))], ['/v1/logs']);
});

test('OTEL_LOGS_EXPORTER=none keeps the records at home', async (t) => {
  const { host, receiver } = await start(t, { OTEL_LOGS_EXPORTER: 'none' });
  await send(`${host.url}/exec`);
  await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  await host.stop();
  assert.deepEqual(receiver.logRecords(), []);
});

test('a full batch leaves at once', async (t) => {
  const { host, receiver } = await start(t, {
    OTEL_BLRP_SCHEDULE_DELAY: '60000',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '2',
  });
  for (const path of ['/1', '/2', '/3']) await send(`${host.url}${path}`);
  await waitFor(() => receiver.logRecords().length === 2, { what: 'two records' });
  await host.stop();
  assert.deepEqual(
    receiver.logRecords().map(({ attributes }) => attributes['url.path']),
    ['/1', '/2', '/3'],
  );
});

test('a LoggerProvider of the host takes the records, and nothing is sent beside it', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('own-logs.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST },
  });
  const id = requestId(await send(`${host.url}/work`));
  await host.line(/path=\/work/);
  const { body } = await send(`${host.url}/records`);
  const [record] = JSON.parse(body) as { attributes: Record<string, unknown>; scope: string }[];
  assert.equal(record?.attributes['agent.request.id'], id);
  assert.equal(record.scope, 'agent-otel');
  await host.stop();
  assert.deepEqual(receiver.logRecords(), []);
});

test('the host’s LoggerProvider has the records even where nothing can be sent by us', async (t) => {
  const host = await startHost(t, {
    args: [fixture('own-logs.js')],
    env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    nodeArgs: ['--require', installWithoutGrpc(t)],
  });
  await send(`${host.url}/work`);
  await host.line(/path=\/work/);
  assert.equal((JSON.parse((await send(`${host.url}/records`)).body) as unknown[]).length, 1);
});

test('messages are timed for the records where no timing line is on', async (t) => {
  const { host, receiver } = await start(t);
  await send(`${host.url}/session`);
  const timed = await recordOf(receiver, 'agent.message.answered');
  assert.equal(timed.attributes['agent.message.event_count'], 1);
  await host.line(/"type":"resume_hit"/);
  assert.ok(!host.stderr().includes('"type":"timing"'));
});

test('messages are not timed where neither lines nor records are on', async (t) => {
  const { host, receiver } = await start(t, { OTEL_LOGS_EXPORTER: 'none' });
  await send(`${host.url}/session`);
  await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  await host.stop();
  assert.ok(receiver.spans().every(({ name }) => name !== 'session.message'));
});
