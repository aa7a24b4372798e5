/** What the example servers push over OTLP is what they show when they are scraped. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { BREAKER_RESET_MS, driveArbiter } from '../../examples/start/drive-arbiter.js';
import { driveAsh } from '../../examples/start/drive-ash.js';
import { driveWasmrun } from '../../examples/start/drive-wasmrun.js';
import type { OtlpSpan } from '../support/otlp-decode.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { waitFor } from '../support/wait.js';
import { driveAndCheck } from './support/driven.js';
import { startExample, type ExampleName, type ExampleServer } from './support/example-server.js';
import { scrape } from './support/exposition.js';
import { differences } from './support/otlp-mapping.js';

interface Exported {
  readonly server: ExampleServer;
  readonly receiver: OtlpReceiver;
}

async function startExporting(
  t: TestContext,
  name: ExampleName,
  { args = [], intervalMs = 60_000 }: { args?: readonly string[]; intervalMs?: number } = {},
): Promise<Exported> {
  const receiver = await startOtlpReceiver(t);
  const server = await startExample(t, name, {
    args,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: String(intervalMs),
      OTEL_BSP_SCHEDULE_DELAY: '100',
      ASH_DEBUG_TIMING: '1',
    },
  });
  return { server, receiver };
}

/** While it runs everything agrees; after SIGTERM the last export has all that was counted. */
async function assertCarried({ server, receiver }: Exported, url: string): Promise<void> {
  const page = await scrape(url);
  const exports = receiver.requests.filter(({ points }) => points.length > 0).length;
  await waitFor(
    () => receiver.requests.filter(({ points }) => points.length > 0).length > exports + 1,
    { what: 'an export that began after the scrape' },
  );
  assert.deepEqual(differences(page, receiver.lastPoints()), []);
  const last = await scrape(url);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  // Sessions and sandboxes end with their server; what was counted stays.
  const only = (type: string): boolean => type === 'counter';
  assert.deepEqual(differences(last, receiver.lastPoints(), { only }), []);
}

test('wasmrun pushes what its document counts', async (t) => {
  const exported = await startExporting(t, 'wasmrun', {
    args: ['--clean-interval-ms', '500'],
    intervalMs: 300,
  });
  const { url } = exported.server;
  const page = `${url}/api/v1/metrics`;
  assert.deepEqual(await driveAndCheck(page, (watched) => driveWasmrun(url, watched)), []);
  await assertCarried(exported, page);
});

test('ash pushes what its document counts', async (t) => {
  const exported = await startExporting(t, 'ash', {
    args: ['--max-sandboxes', '8'],
    intervalMs: 300,
  });
  const { url } = exported.server;
  const drive = driveAndCheck(`${url}/metrics`, (watched) =>
    driveAsh(url, { ...watched, capacity: 8 }),
  );
  assert.deepEqual(await drive, []);
  await waitFor(async () => {
    const page = await scrape(`${url}/metrics`);
    return page.value('ash_pool_sandboxes{state="warming"}') === 0;
  });
  await assertCarried(exported, `${url}/metrics`);
});

test('arbiter pushes what its document counts', async (t) => {
  const exported = await startExporting(t, 'arbiter', {
    args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
    intervalMs: 300,
  });
  const { url } = exported.server;
  const page = `${url}/v1/metrics`;
  assert.deepEqual(await driveAndCheck(page, (watched) => driveArbiter(url, watched)), []);
  await assertCarried(exported, page);
});

const serverSpan =
  (id: string | null) =>
  ({ kind, spanId }: OtlpSpan): boolean =>
    kind === 'SERVER' && spanId === id;

test('the span of an execution is a child of the request that asked for it, by its id', async (t) => {
  const { server, receiver } = await startExporting(t, 'wasmrun');
  const created = await fetch(`${server.url}/api/v1/sessions`, { method: 'POST' });
  const { id } = (await created.json()) as { id: string };
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const { headers } = await fetch(`${server.url}/api/v1/sessions/${id}/exec`, {
    method: 'POST',
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    body: JSON.stringify({ code: '6 * 7' }),
  });
  const exec = await receiver.span(({ name }) => name === 'exec');
  const parent = await receiver.span(serverSpan(headers.get('x-request-id')), 'its request');
  assert.equal(exec.parentSpanId, parent.spanId);
  assert.deepEqual([exec.traceId, parent.traceId], [traceId, traceId]);
  assert.equal(parent.parentSpanId, 'b7ad6b7169203331');
  assert.equal(exec.attributes['agent.session.id'], id);
  assert.equal(parent.attributes['url.path'], `/api/v1/sessions/${id}/exec`);
});

test('a resume and a timed message are children of their requests', async (t) => {
  const { server, receiver } = await startExporting(t, 'ash');
  const post = (path: string, body?: string): Promise<Response> =>
    fetch(`${server.url}/api/sessions${path}`, { method: 'POST', ...(body && { body }) });
  const created = await post('', '{"agent":"a"}');
  const { session } = (await created.json()) as { session: { id: string } };
  const answered = await post(`/${session.id}/messages`, '{"content":"hello"}');
  await answered.text();
  await post(`/${session.id}/pause`);
  const resumed = await post(`/${session.id}/resume`);
  for (const [name, { headers }] of [
    ['session.message', answered],
    ['session.resumed', resumed],
  ] as const) {
    const span = await receiver.span((one) => one.name === name, name);
    const parent = await receiver.span(serverSpan(headers.get('x-request-id')), 'its request');
    assert.equal(span.parentSpanId, parent.spanId, name);
    assert.equal(span.traceId, parent.traceId);
    assert.equal(span.attributes['agent.session.id'], session.id);
  }
});

test('the sandbox, the execution and the provider call of one request are its children', async (t) => {
  const { server, receiver } = await startExporting(t, 'arbiter');
  const answer = await fetch(`${server.url}/v1/orchestrate`, {
    method: 'POST',
    headers: { authorization: 'Bearer tenant-3-key' },
    body: JSON.stringify({ message: 'run: 6 * 7', provider: 'gemini' }),
  });
  await answer.text();
  const parent = await receiver.span(serverSpan(answer.headers.get('x-request-id')), 'the request');
  assert.equal(parent.parentSpanId, '');
  assert.equal(parent.attributes['agent.tenant.id'], '3');
  assert.equal(parent.attributes['agent.route'], 'orchestrate');
  for (const [name, kind] of [
    ['sandbox.start', 'INTERNAL'],
    ['exec', 'INTERNAL'],
    ['chat gemini-2.5-flash', 'CLIENT'],
  ] as const) {
    const span = await receiver.span((one) => one.name === name, name);
    assert.equal(span.parentSpanId, parent.spanId, name);
    assert.deepEqual([span.traceId, span.kind], [parent.traceId, kind]);
    assert.ok(span.startNanos >= parent.startNanos && span.endNanos <= parent.endNanos + 1e6);
  }
  const call = await receiver.span(({ kind }) => kind === 'CLIENT');
  assert.equal(call.attributes['gen_ai.provider.name'], 'gcp.gemini');
  assert.ok(Number(call.attributes['gen_ai.usage.output_tokens']) > 0);
});
