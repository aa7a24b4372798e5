import {
  createContextKey,
  type Attributes,
  type Context,
  type Link,
  type SpanKind,
} from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { NOT_RECORD, RECORD } from './sdk-values.js';

/** Marks a span that must be recorded whatever the sampler says. Not inherited: see `marked`. */
const MARK = createContextKey('agent-otel.record');

/**
 * The context to start a span of ours with, so that its line is written at any sampling
 * rate. It is for `startSpan` alone: made active, it would mark the spans inside as well.
 */
export function marked(context: Context): Context {
  return context.setValue(MARK, true);
}

/**
 * Records, without sampling, the spans of ours that `sampler` would drop: span processors
 * never see a span that is not recorded. Batch and simple processors export sampled spans
 * alone, so what goes out is unchanged. Wrap it around the whole of a host's sampler.
 */
export function createRecordingSampler(sampler: Sampler): Sampler {
  return {
    shouldSample(
      context: Context,
      traceId: string,
      spanName: string,
      spanKind: SpanKind,
      attributes: Attributes,
      links: Link[],
    ): SamplingResult {
      const result = sampler.shouldSample(context, traceId, spanName, spanKind, attributes, links);
      return result.decision === NOT_RECORD && context.getValue(MARK) === true
        ? { ...result, decision: RECORD }
        : result;
    },
    toString: () => `AgentOtelRecording{${sampler.toString()}}`,
  };
}
