import {
  defaultTextMapGetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  TraceFlags,
  type Context,
  type ContextManager,
  type Span,
  type SpanContext,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace-base';
import type { SpanOptions, Tracing } from '../events/runtime.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import type { Ids } from './ids.js';
import { adoptSpan, RecordedSpan } from './recorded-span.js';
import { RECORD_AND_SAMPLED } from './sdk-values.js';
import { addTo, attributesOf, sdkOptions } from './tracing.js';

export interface OwnTracingOptions {
  readonly tracer: Tracer;
  readonly contextManager: Pick<ContextManager, 'active' | 'with'>;
  readonly propagator: Pick<TextMapPropagator, 'extract' | 'fields'>;
  readonly ids: Ids;
  readonly processors: readonly EndedSpanProcessor[];
  /** The sampler of the tracer; undefined where nothing is exported, and none is sampled. */
  readonly sampler: Sampler | undefined;
}

/**
 * Tracing through our own SDK. Its spans cost what an exporter needs of them; one that no
 * exporter will get is a record for our span processors instead, with ids that propagate as
 * an unsampled span's do.
 */
export function createOwnTracing(options: OwnTracingOptions): Tracing {
  const { tracer, contextManager, propagator, processors, sampler, ids } = options;
  const fields = propagator.fields();

  return {
    mayExport: sampler !== undefined,
    startSpan(name: string, span: SpanOptions): Span {
      const parent = span.parent ?? contextManager.active();
      const outer = validSpanContext(parent);
      const traceId = outer?.traceId ?? ids.generateTraceId();
      if (sampler !== undefined && isSampled(sampler, { name, span, parent, traceId })) {
        if (outer === undefined) ids.continueWith(traceId);
        // It is recorded whatever happens, so that nothing has to be marked for its line.
        const started = tracer.startSpan(name, sdkOptions(span, span.attributes ?? {}), parent);
        // The SDK copies three times what a span starts with, and once what it is told then.
        return span.details === undefined
          ? started
          : started.setAttributes(attributesOf({ details: span.details }));
      }
      const spanContext: SpanContext = {
        traceId,
        spanId: ids.generateSpanId(),
        // Where nothing is sampled here, a remote parent's decision is passed on as it came.
        traceFlags:
          sampler === undefined && outer !== undefined
            ? outer.traceFlags & TraceFlags.SAMPLED
            : TraceFlags.NONE,
      };
      if (outer?.traceState !== undefined) spanContext.traceState = outer.traceState;
      const { kind, attributes } = span;
      return new RecordedSpan({ name, kind, attributes, spanContext, processors });
    },
    // The processors see a span that is recorded when its maker ends it, and no other.
    adoptSpan: (span, adopted) =>
      span.isRecording() ? addTo(span, adopted) : adoptSpan(span, { ...adopted, processors }),
    active: () => contextManager.active(),
    with: (context, fn) => contextManager.with(context, fn),
    // Most requests carry no context: then nobody makes an object of their headers.
    extract: (headers) =>
      fields.some((field) => headers.has(field))
        ? propagator.extract(ROOT_CONTEXT, headers.all(), defaultTextMapGetter)
        : ROOT_CONTEXT,
  };
}

function isSampled(
  sampler: Sampler,
  {
    name,
    span: { kind = SpanKind.INTERNAL, attributes = {} },
    parent,
    traceId,
  }: { name: string; span: SpanOptions; parent: Context; traceId: string },
): boolean {
  const { decision } = sampler.shouldSample(parent, traceId, name, kind, attributes, []);
  return decision === RECORD_AND_SAMPLED;
}

function validSpanContext(context: Context): SpanContext | undefined {
  if (context === ROOT_CONTEXT) return undefined;
  const found = trace.getSpanContext(context);
  return found !== undefined && isSpanContextValid(found) ? found : undefined;
}
