import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  type Attributes,
  type Context,
  type ContextManager,
  type Span,
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
    startSpan: (name: string, options: SpanOptions): Span =>
      tracer.startSpan(
        name,
        {
          kind: options.kind ?? SpanKind.INTERNAL,
          attributes: attributesOf(options),
          ...(options.startTime !== undefined && { startTime: options.startTime }),
        },
        marked(options.parent ?? contextManager.active()),
      ),
    // The processors see the other's span when the other ends it.
    adoptSpan: (span, adopted) => endless(span.setAttributes(attributesOf(adopted))),
    active: () => contextManager.active(),
    with: <T>(context: Context, fn: () => T): T => contextManager.with(context, fn),
    extract: (headers) => propagator.extract(ROOT_CONTEXT, headers.all(), defaultTextMapGetter),
  };
}

/** All attributes that a span is started with, for one that is exported. */
export function attributesOf({ attributes, details }: SpanOptions): Attributes {
  return { ...attributes, ...details?.() };
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
