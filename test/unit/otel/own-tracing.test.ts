import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Attributes,
  type SpanContext,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  ParentBasedSampler,
  SamplingDecision,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import type { RequestHeaders, Tracing } from '../../../src/events/runtime.js';
import { takesDetails } from '../../../src/events/span-details.js';
import type { EndedSpan } from '../../../src/log/ended-span.js';
import { createEndedSpanProcessor } from '../../../src/log/ended-span.js';
import { createIds } from '../../../src/otel/ids.js';
import { createOwnTracing } from '../../../src/otel/own-tracing.js';
import { headersOf } from '../../support/runtime.js';

const SAMPLED = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

interface Started {
  readonly tracing: Tracing;
  readonly provider: BasicTracerProvider;
  /** What our span processors were given. */
  readonly ended: EndedSpan[];
  readonly exported: () => SpanContext[];
}

/** Our SDK with a sampler, or as it is where nothing is exported. */
function start(t: TestContext, sampler?: Sampler): Started {
  const ended: EndedSpan[] = [];
  const processors = [createEndedSpanProcessor((span) => ended.push(span))];
  const exporter = new InMemorySpanExporter();
  const ids = createIds();
  const provider = new BasicTracerProvider({
    sampler: sampler ?? new AlwaysOffSampler(),
    idGenerator: ids,
    spanProcessors: [...processors, new SimpleSpanProcessor(exporter)],
  });
  const contextManager = new AsyncLocalStorageContextManager().enable();
  t.after(() => contextManager.disable());
  const tracing = createOwnTracing({
    tracer: provider.getTracer('test'),
    contextManager,
    propagator: new W3CTraceContextPropagator(),
    ids,
    processors,
    sampler,
  });
  const exported = (): SpanContext[] =>
    exporter.getFinishedSpans().map((span) => span.spanContext());
  return { tracing, provider, ended, exported };
}

for (const [name, sampler, exported] of [
  ['without an exporter', undefined, 0],
  ['that is not sampled', new AlwaysOffSampler(), 0],
  ['that is sampled', new AlwaysOnSampler(), 1],
] as const) {
  test(`a span ${name} reaches our processors once, with what was set on it`, (t) => {
    const own = start(t, sampler);
    const span = own.tracing.startSpan('GET', {
      kind: SpanKind.SERVER,
      attributes: { 'url.path': '/x' },
    });
    span
      .setAttribute('http.response.status_code', 200)
      .setAttributes({ 'agent.route': 'messages' });
    span.updateName('GET /x');
    span.end();
    span.end();
    const [ended, ...others] = own.ended;
    assert.equal(others.length, 0);
    assert.deepEqual([ended?.name, ended?.kind], ['GET /x', SpanKind.SERVER]);
    assert.deepEqual(ended?.attributes, {
      'url.path': '/x',
      'http.response.status_code': 200,
      'agent.route': 'messages',
    });
    assert.ok(Math.abs(ended.endTime[0] * 1000 - Date.now()) < 60_000);
    assert.equal(own.exported().length, exported);
  });
}

test('details are asked for and taken where a span is exported, and nowhere else', (t) => {
  for (const [sampler, isExported] of [
    [undefined, false],
    [new AlwaysOffSampler(), false],
    [new AlwaysOnSampler(), true],
  ] as const) {
    const own = start(t, sampler);
    let asked = 0;
    const details = (attributes: Attributes): void => {
      attributes['server.port'] = ++asked;
    };
    const span = own.tracing.startSpan('GET', { attributes: { 'url.path': '/x' }, details });
    assert.equal(takesDetails(span), isExported);
    span.end();
    assert.deepEqual(own.ended[0]?.attributes, {
      'url.path': '/x',
      ...(isExported && { 'server.port': 1 }),
    });
  }
});

test('the sampler is asked with the trace id that the span then has', (t) => {
  const asked: string[] = [];
  const half = new TraceIdRatioBasedSampler(0.5);
  const own = start(t, {
    shouldSample: (context, traceId) => {
      asked.push(traceId);
      return half.shouldSample(context, traceId);
    },
    toString: () => 'half',
  });
  const spans = Array.from({ length: 200 }, () => own.tracing.startSpan('x', {}));
  for (const span of spans) {
    const { traceId, traceFlags } = span.spanContext();
    assert.ok(asked.includes(traceId));
    const { decision } = half.shouldSample(ROOT_CONTEXT, traceId);
    assert.equal(decision === SamplingDecision.RECORD_AND_SAMPLED, traceFlags === 1);
    span.end();
  }
  const exported = own.exported().length;
  assert.ok(exported > 50 && exported < 150, String(exported));
  assert.equal(own.ended.length, 200);
});

test('a remote parent is the parent, with its trace state', (t) => {
  for (const sampler of [undefined, new ParentBasedSampler({ root: new AlwaysOffSampler() })]) {
    const { tracing } = start(t, sampler);
    for (const flags of ['00', '01']) {
      const parent = tracing.extract(
        headersOf({
          traceparent: `00-${SAMPLED.traceId}-${SAMPLED.spanId}-${flags}`,
          tracestate: 'a=1',
        }),
      );
      const { traceId, traceFlags, traceState } = tracing.startSpan('x', { parent }).spanContext();
      assert.deepEqual([traceId, traceFlags], [SAMPLED.traceId, Number(flags)]);
      assert.equal(traceState?.serialize(), 'a=1');
    }
  }
});

test('the spans inside an unsampled one are of its trace, and unsampled', (t) => {
  const own = start(t, new ParentBasedSampler({ root: new AlwaysOffSampler() }));
  const outer = own.tracing.startSpan('outer', {});
  own.tracing.with(trace.setSpan(ROOT_CONTEXT, outer), () => {
    const inner = own.provider.getTracer('host').startSpan('inner', {}, own.tracing.active());
    assert.equal(inner.spanContext().traceId, outer.spanContext().traceId);
    inner.end();
  });
  assert.deepEqual(own.exported(), []);
});

test('headers without a field of the propagator are not even looked at', (t) => {
  const { tracing } = start(t);
  const headers: RequestHeaders = {
    has: () => false,
    all: () => {
      throw new Error('not needed');
    },
  };
  assert.equal(tracing.extract(headers), ROOT_CONTEXT);
});

// A host without an SDK may have an HTTP instrumentation, whose spans then go to ours.
for (const [name, sampler] of [
  ['unsampled', new AlwaysOffSampler()],
  ['sampled', new AlwaysOnSampler()],
] as const) {
  test(`an ${name} span that a host’s instrumentation made is recorded once`, (t) => {
    const own = start(t, sampler);
    const theirs = own.provider.getTracer('host').startSpan('GET', { kind: SpanKind.SERVER });
    const adopted = own.tracing.adoptSpan(theirs, { name: 'GET', kind: SpanKind.SERVER });
    adopted.setAttribute('agent.tenant.id', 'acme');
    adopted.end();
    theirs.end();
    assert.deepEqual(
      own.ended.map(({ attributes }) => attributes['agent.tenant.id']),
      ['acme'],
    );
  });
}
