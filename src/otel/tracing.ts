import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  type Attributes,
  type Context,
  type ContextManager,
  type Span,
  type SpanOptions as ApiSpanOptions,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import type { SpanOptions, Tracing } from '../events/runtime.js';
import { marked } from './sampler.js';

/** The three parts of an SDK that tracing goes through. */
export interface TracingParts {
  readonly tracer: Tracer;
  readonly contextManager: Pick<ContextManager, 'active' | 'with'>;
  readonly propagator: Pick<TextMapPropagator, 'extract'>;
}

/** Tracing through an SDK whose span processors see our spans: ours, or a composed one. */
export function createTracing({ tracer, contextManager, propagator }: TracingParts): Tracing {
  return {
    mayExport: true,
    startSpan: (name: string, options: SpanOptions): Span =>
      tracer.startSpan(
        name,
        sdkOptions(options),
        marked(options.parent ?? contextManager.active()),
      ),
    adoptSpan: addTo,
    active: () => contextManager.active(),
    with: <T>(context: Context, fn: () => T): T => contextManager.with(context, fn),
    extract: (headers) => propagator.extract(ROOT_CONTEXT, headers.all(), defaultTextMapGetter),
  };
}

/** What an SDK is told of a span that it starts for us; it copies the attributes. */
export function sdkOptions(
  options: SpanOptions,
  attributes: Attributes = attributesOf(options),
): ApiSpanOptions {
  const { kind = SpanKind.INTERNAL, startTime } = options;
  return startTime === undefined ? { kind, attributes } : { kind, attributes, startTime };
}

/** A span that the processors see when somebody else ends it, to add to meanwhile. */
export function addTo(span: Span, adopted: SpanOptions): Span {
  return endless(span.setAttributes(attributesOf(adopted)));
}

/** All attributes that a span is started with, in the object that some of them came in. */
export function attributesOf({ attributes = {}, details }: SpanOptions): Attributes {
  details?.(attributes);
  return attributes;
}

/** A span that can be added to and not ended. */
function endless(span: Span): Span {
  return new Proxy(span, {
    get(target, property) {
      if (property === 'end') return () => undefined;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
