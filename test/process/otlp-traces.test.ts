import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { send } from './support/client.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const REMOTE_SPAN_ID = 'b7ad6b7169203331';
const traceparent = `00-${TRACE_ID}-${REMOTE_SPAN_ID}-01`;
/** Batches leave quickly enough to be waited for. */
const FAST = { OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '100' };

test('a remote caller, the server span and the execution inside it are one line of descent', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST },
  });
  const answer = await send(`${host.url}/exec?secret=1`, { headers: { traceparent } });

  const server = await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  assert.equal(server.traceId, TRACE_ID);
  assert.equal(server.parentSpanId, REMOTE_SPAN_ID);
  assert.equal(server.spanId, answer.headers['x-request-id']);
  assert.equal(server.name, 'GET');
  assert.equal(server.status, 'UNSET');
  assert.equal(server.flags & 0xff, 1);
  assert.equal(server.attributes['http.request.method'], 'GET');
  assert.equal(server.attributes['url.path'], '/exec');
  assert.equal(server.attributes['url.scheme'], 'http');
  assert.equal(server.attributes['http.response.status_code'], 200);
  assert.equal(server.scope.name, 'agent-otel');
  assert.ok(!JSON.stringify(server.attributes).includes('secret'), 'a query is no attribute');

  const exec = await receiver.span(({ name }) => name === 'exec', 'the execution');
  assert.equal(exec.parentSpanId, server.spanId);
  assert.equal(exec.traceId, TRACE_ID);
  assert.equal(exec.kind, 'INTERNAL');
  assert.equal(exec.attributes['agent.exec.result'], 'success');
  assert.equal(exec.attributes['agent.session.id'], 's1');
  assert.equal(exec.attributes['agent.sandbox.id'], 'b1');
  assert.ok(exec.startNanos >= server.startNanos - 1e6 && exec.endNanos <= server.endNanos + 1e6);
});

test('a provider call is a client span of the request, by the GenAI conventions', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST },
  });
  await send(`${host.url}/provider`);

  const call = await receiver.span(({ kind }) => kind === 'CLIENT', 'the provider call');
  const server = await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  assert.equal(server.parentSpanId, '');
  assert.equal(call.parentSpanId, server.spanId);
  assert.equal(call.traceId, server.traceId);
  assert.equal(call.name, 'chat gemini-pro');
  assert.equal(call.attributes['gen_ai.provider.name'], 'gcp.gemini');
  assert.equal(call.attributes['gen_ai.operation.name'], 'chat');
  assert.equal(call.attributes['gen_ai.request.model'], 'gemini-pro');
  assert.equal(call.attributes['gen_ai.usage.input_tokens'], 3);
  assert.equal(call.attributes['gen_ai.usage.output_tokens'], 5);
});

test('spans that a host makes through the OpenTelemetry API join the trace of their request', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST },
  });
  await send(`${host.url}/api`, { headers: { traceparent } });

  const server = await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  const own = await receiver.span(({ name }) => name === 'host work', "the host's span");
  const exec = await receiver.span(({ name }) => name === 'exec', 'the execution');
  assert.equal(own.scope.name, 'host');
  assert.equal(own.parentSpanId, server.spanId);
  assert.equal(exec.parentSpanId, own.spanId);
  assert.deepEqual([own.traceId, exec.traceId], [TRACE_ID, TRACE_ID]);
});

test('a handler that fails leaves an error on the server span', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...FAST },
  });
  await send(`${host.url}/fail`);
  const server = await receiver.span(({ kind }) => kind === 'SERVER', 'the server span');
  assert.equal(server.status, 'ERROR');
  assert.equal(server.attributes['error.type'], '500');
  assert.equal(server.attributes['http.response.status_code'], 500);
});
