// The global is a getter, which would be looked up at every request.
import { performance } from 'node:perf_hooks';
import {
  SpanKind,
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import type { SpanOptions } from '../events/runtime.js';
import type { DetailedSpan } from '../events/span-details.js';
import type { EndedSpan, EndedSpanProcessor } from '../log/ended-span.js';
import { epochMsAt } from '../log/wall-clock.js';
import { toHrTime } from './hr-time.js';
import { attributesOf } from './tracing.js';

const NOT_YET: HrTime = [0, 0];

/** What a span is recorded with. Its attributes become the record's own. */
export interface Recording {
  readonly name: string;
  readonly kind?: SpanKind | undefined;
  readonly attributes?: Attributes | undefined;
  readonly spanContext: SpanContext;
  /** Are given the record when the span has ended. */
  readonly processors: readonly EndedSpanProcessor[];
  /** The same span in somebody else's SDK. */
  readonly theirs?: Span | undefined;
  /** Whether it ends with this one. */
  readonly endsTheirs?: boolean;
}

/**
 * The record of a span for our own span processors, where no SDK would hand it to them: it is
 * not sampled and nobody exports it, or the SDK is a host's and took no processor of ours. In
 * that case every change goes to the host's span as well. It holds what a line tells, and
 * nothing of what only an exporter looks at.
 */
export class RecordedSpan implements DetailedSpan, EndedSpan {
  name: string;
  readonly takesDetails: boolean;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  endTime = NOT_YET;
  duration = NOT_YET;
  readonly #spanContext: SpanContext;
  readonly #processors: readonly EndedSpanProcessor[];
  readonly #theirs: Span | undefined;
  readonly #endsTheirs: boolean;
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(recording: Recording) {
    this.name = recording.name;
    this.kind = recording.kind ?? SpanKind.INTERNAL;
    this.attributes = recording.attributes ?? {};
    this.#spanContext = recording.spanContext;
    this.#processors = recording.processors;
    this.#theirs = recording.theirs;
    this.takesDetails = recording.theirs !== undefined;
    this.#endsTheirs = recording.endsTheirs ?? false;
  }

  spanContext(): SpanContext {
    return this.#spanContext;
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
    return this.#theirs === undefined ? !this.#ended : this.#theirs.isRecording();
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#theirs?.recordException(exception, time);
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    const now = performance.now();
    this.duration = toHrTime(now - this.#startedAt);
    this.endTime = toHrTime(epochMsAt(now));
    if (this.#endsTheirs) this.#theirs?.end(endTime);
    for (const processor of this.#processors) processor.onEnd(this);
  }
}

/** Records a span that somebody else has started and will end. */
export function adoptSpan(
  theirs: Span,
  adopted: SpanOptions & Pick<Recording, 'name' | 'processors'>,
): RecordedSpan {
  const { name, kind, processors } = adopted;
  const attributes = { ...adopted.attributes };
  theirs.setAttributes(attributesOf(adopted));
  const spanContext = theirs.spanContext();
  return new RecordedSpan({ name, kind, attributes, spanContext, processors, theirs });
}
