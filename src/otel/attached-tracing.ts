import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  type Attributes,
  type AttributeValue,
  type Context,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { SpanOptions, Tracing } from '../events/runtime.js';
import type { EndedSpan, EndedSpanProcessor } from '../log/ended-span.js';
import type { ApiGlobals } from './api-globals.js';
import { toHrTime } from './hr-time.js';

/**
 * Tracing through an SDK that a host has registered itself. It takes no processor after
 * its construction, and its unsampled spans reach none: so each span of ours is recorded
 * here as well, and the record goes to the same line processors when it ends.
 */
export function createAttachedTracing(options: {
  globals: () => ApiGlobals;
  processors: readonly EndedSpanProcessor[];
}): Tracing {
  const { globals, processors } = options;
  const active = (): Context => globals().context?.active() ?? ROOT_CONTEXT;
  return {
    startSpan(name, spanOptions) {
      const { kind = SpanKind.INTERNAL, attributes = {}, startTime, parent } = spanOptions;
      const span = globals()
        .trace?.getTracer(SCOPE_NAME)
        .startSpan(
          name,
          { kind, attributes, ...(startTime !== undefined && { startTime }) },
          parent ?? active(),
        );
      return new RecordedSpan(span, { name, ...spanOptions }, { processors, endsTheirs: true });
    },
    adoptSpan(span, spanOptions) {
      span.setAttributes(spanOptions.attributes ?? {});
      return new RecordedSpan(span, spanOptions, { processors, endsTheirs: false });
    },
    active,
    with: <T>(context: Context, fn: () => T): T => {
      const manager = globals().context;
      return manager === undefined ? fn() : manager.with(context, fn);
    },
    extract: (carrier) =>
      globals().propagation?.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter) ?? ROOT_CONTEXT,
  };
}

const INVALID: SpanContext = {
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  traceFlags: 0,
};

/** A host's span and our record of the same: every change goes to both. */
class RecordedSpan implements Span, EndedSpan {
  name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  endTime: HrTime = [0, 0];
  duration: HrTime = [0, 0];
  readonly #theirs: Span | undefined;
  readonly #endsTheirs: boolean;
  readonly #processors: readonly EndedSpanProcessor[];
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(
    theirs: Span | undefined,
    options: SpanOptions & { readonly name: string },
    { processors, endsTheirs }: { processors: readonly EndedSpanProcessor[]; endsTheirs: boolean },
  ) {
    this.#theirs = theirs;
    this.#endsTheirs = endsTheirs;
    this.#processors = processors;
    this.name = options.name;
    this.kind = options.kind ?? SpanKind.INTERNAL;
    this.attributes = { ...options.attributes };
  }

  spanContext(): SpanContext {
    return this.#theirs?.spanContext() ?? INVALID;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.attributes[key] = value;
    this.#theirs?.setAttribute(key, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    this.#theirs?.setAttributes(attributes);
    return this;
  }

  addEvent(name: string, attributes?: Attributes | TimeInput, time?: TimeInput): this {
    this.#theirs?.addEvent(name, attributes, time);
    return this;
  }

  addLink(link: Link): this {
    this.#theirs?.addLink(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.#theirs?.addLinks(links);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#theirs?.setStatus(status);
    return this;
  }

  updateName(name: string): this {
    this.name = name;
    this.#theirs?.updateName(name);
    return this;
  }

  isRecording(): boolean {
    return this.#theirs?.isRecording() ?? false;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#theirs?.recordException(exception, time);
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = performance.now() - this.#startedAt;
    this.duration = toHrTime(durationMs);
    this.endTime = toHrTime(Date.now());
    if (this.#endsTheirs) this.#theirs?.end(endTime);
    for (const processor of this.#processors) processor.onEnd(this);
  }
}
