import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** What a record needs of a span; a span of any SDK has it, and so has one of our own making. */
export type EndedSpan = Pick<
  ReadableSpan,
  'kind' | 'name' | 'attributes' | 'endTime' | 'duration' | 'spanContext'
>;

/** Takes ended spans: the part of an SDK's SpanProcessor that ours fill. */
export interface EndedSpanProcessor {
  onStart(): void;
  onEnd(span: EndedSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Makes a processor that keeps nothing: what it does is done when the span has ended. */
export function createEndedSpanProcessor(onEnd: (span: EndedSpan) => void): EndedSpanProcessor {
  return {
    onStart: () => undefined,
    onEnd,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
