import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ROOT_CONTEXT,
  SpanKind,
  trace,
  TraceFlags,
  type Context,
  type Span,
} from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { createRecordingSampler, marked } from '../../../src/otel/sampler.js';

function startSpan(sampler: Sampler, context: Context): Span {
  const provider = new BasicTracerProvider({ sampler: createRecordingSampler(sampler) });
  return provider.getTracer('test').startSpan('x', {}, context);
}

const isSampled = (span: Span): boolean =>
  (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;

function remoteParent(traceFlags: TraceFlags): Context {
  const spanContext = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags,
    isRemote: true,
  };
  return trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

const parentBased = new ParentBasedSampler({ root: new AlwaysOnSampler() });

const CASES: readonly [string, Sampler, Context, { recorded: boolean; sampled: boolean }][] = [
  ['always_off', new AlwaysOffSampler(), ROOT_CONTEXT, { recorded: false, sampled: false }],
  [
    'a ratio of 0',
    new TraceIdRatioBasedSampler(0),
    ROOT_CONTEXT,
    { recorded: false, sampled: false },
  ],
  ['always_on', new AlwaysOnSampler(), ROOT_CONTEXT, { recorded: true, sampled: true }],
  [
    'a ratio of 1',
    new TraceIdRatioBasedSampler(1),
    ROOT_CONTEXT,
    { recorded: true, sampled: true },
  ],
  [
    'a remote parent with flag 00',
    parentBased,
    remoteParent(TraceFlags.NONE),
    { recorded: false, sampled: false },
  ],
  [
    'a remote parent with flag 01',
    parentBased,
    remoteParent(TraceFlags.SAMPLED),
    { recorded: true, sampled: true },
  ],
];

for (const [what, sampler, context, { recorded, sampled }] of CASES) {
  test(`with ${what} a span of ours is recorded, and sampled: ${String(sampled)}`, () => {
    const span = startSpan(sampler, marked(context));
    assert.equal(span.isRecording(), true);
    assert.equal(isSampled(span), sampled);
  });

  test(`with ${what} any other span keeps the sampler’s decision: ${String(recorded)}`, () => {
    const span = startSpan(sampler, context);
    assert.equal(span.isRecording(), recorded);
    assert.equal(isSampled(span), sampled);
  });
}

test('the mark is not inherited by the spans inside', () => {
  const sampler = new AlwaysOffSampler();
  const outer = startSpan(sampler, marked(ROOT_CONTEXT));
  assert.equal(startSpan(sampler, trace.setSpan(ROOT_CONTEXT, outer)).isRecording(), false);
});

test('the attributes of the sampler are kept', () => {
  const sampler: Sampler = {
    shouldSample: () => ({
      decision: SamplingDecision.NOT_RECORD,
      attributes: { 'sampler.says': 'no' },
    }),
    toString: () => 'Custom',
  };
  const recording = createRecordingSampler(sampler);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const context = marked(ROOT_CONTEXT);
  assert.deepEqual(recording.shouldSample(context, traceId, 'x', SpanKind.SERVER, {}, []), {
    decision: SamplingDecision.RECORD,
    attributes: { 'sampler.says': 'no' },
  });
  assert.match(recording.toString(), /Custom/);
});
