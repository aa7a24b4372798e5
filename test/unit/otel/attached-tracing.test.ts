import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Attributes } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { createAccessLineProcessor } from '../../../src/log/line-processor.js';
import { createAttachedTracing } from '../../../src/otel/attached-tracing.js';
import type { Tracing } from '../../../src/events/runtime.js';
import { takesDetails } from '../../../src/events/span-details.js';

function attach(sampler: Sampler): {
  tracing: Tracing;
  lines: string[];
  exporter: InMemorySpanExporter;
  provider: BasicTracerProvider;
} {
  const lines: string[] = [];
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  const provider = new BasicTracerProvider({ sampler, spanProcessors });
  const tracing = createAttachedTracing({
    globals: () => ({ trace: provider, propagation: new W3CTraceContextPropagator() }),
    processors: [createAccessLineProcessor({ format: 'kv', write: (line) => lines.push(line) })],
  });
  return { tracing, lines, exporter, provider };
}

const SERVER = {
  kind: SpanKind.SERVER,
  attributes: { 'http.request.method': 'GET', 'url.path': '/x' },
};

for (const [name, sampler, exported] of [
  ['sampled', new AlwaysOnSampler(), 1],
  ['unsampled', new AlwaysOffSampler(), 0],
] as const) {
  test(`a ${name} span of a host’s SDK still has its line, once, with the span’s id`, () => {
    const { tracing, lines, exporter } = attach(sampler);
    const span = tracing.startSpan('GET', SERVER);
    span.setAttribute('http.response.status_code', 200);
    span.setAttributes({ 'agent.tenant.id': 'acme' });
    span.end();
    span.end();
    assert.equal(lines.length, 1);
    const { spanId } = span.spanContext();
    assert.ok(lines[0]?.includes(` id=${spanId} method=GET path=/x status=200 `), lines[0]);
    assert.match(lines[0] ?? '', / tenant=acme\n$/);
    assert.equal(exporter.getFinishedSpans().length, exported);
  });
}

test('the host’s span gets what ours gets', () => {
  const { tracing, exporter } = attach(new AlwaysOnSampler());
  const span = tracing.startSpan('GET', SERVER);
  span.setAttribute('http.response.status_code', 500);
  span.updateName('GET /x').setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  const [theirs] = exporter.getFinishedSpans();
  assert.equal(theirs?.name, 'GET /x');
  assert.equal(theirs.kind, SpanKind.SERVER);
  assert.equal(theirs.status.code, SpanStatusCode.ERROR);
  assert.deepEqual(theirs.attributes, {
    'http.request.method': 'GET',
    'url.path': '/x',
    'http.response.status_code': 500,
  });
});

test('the host’s span has the details, which our record does without', () => {
  const { tracing, exporter } = attach(new AlwaysOnSampler());
  const details = (attributes: Attributes): void => {
    attributes['server.port'] = 8080;
  };
  const span = tracing.startSpan('GET', {
    ...SERVER,
    attributes: { ...SERVER.attributes },
    details,
  });
  assert.equal(takesDetails(span), true);
  span.end();
  const [theirs] = exporter.getFinishedSpans();
  assert.deepEqual(theirs?.attributes, { ...SERVER.attributes, 'server.port': 8080 });
});

test('a span that a host has started is added to and not ended', () => {
  const { tracing, lines, exporter, provider } = attach(new AlwaysOnSampler());
  const theirs = provider.getTracer('host').startSpan('GET', { kind: SpanKind.SERVER });
  const adopted = tracing.adoptSpan(theirs, { name: 'GET', ...SERVER });
  adopted.end();
  assert.equal(lines.length, 1);
  assert.ok(lines[0]?.includes(` id=${theirs.spanContext().spanId} `));
  assert.equal(exporter.getFinishedSpans().length, 0);
  theirs.end();
  assert.equal(exporter.getFinishedSpans()[0]?.attributes['url.path'], '/x');
});

test('without a context manager the root context is active and functions are called', () => {
  const { tracing } = attach(new AlwaysOnSampler());
  assert.equal(tracing.active(), ROOT_CONTEXT);
  assert.equal(
    tracing.with(ROOT_CONTEXT, () => 42),
    42,
  );
});
