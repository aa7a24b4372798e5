import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_MESSAGE_EVENT_COUNT,
  ATTR_MESSAGE_FIRST_EVENT_MS,
  ATTR_MESSAGE_LOOKUP_MS,
  ATTR_MESSAGE_TOTAL_MS,
  ATTR_REQUEST_ABORTED,
  ATTR_REQUEST_ID,
  ATTR_SANDBOX_ID,
  ATTR_SESSION_ID,
  ATTR_SESSION_RESUME_PATH,
  ATTR_TENANT_ID,
  ATTR_URL_PATH,
} from '../catalog/attributes.js';
import { accessJson, accessLine, resumeLine, timingLine } from './lines.js';
import { toMilliseconds } from './timestamp.js';

/** What a line needs of a span; a span of any SDK has it, and so has a record of ours. */
export type EndedSpan = Pick<
  ReadableSpan,
  'kind' | 'name' | 'attributes' | 'endTime' | 'duration' | 'spanContext'
>;

/** Takes ended spans: the part of an SDK's SpanProcessor that these processors fill. */
export interface EndedSpanProcessor {
  onStart(): void;
  onEnd(span: EndedSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Where lines go; each is whole, with its line feed. */
export type WriteLine = (line: string) => void;

/** nginx's status for a client that left before any status was sent. */
const CLIENT_CLOSED_REQUEST = 499;

/** Writes the access line of every server span when it ends. */
export function createAccessLineProcessor(options: {
  format: 'kv' | 'json';
  write: WriteLine;
}): EndedSpanProcessor {
  const render = options.format === 'json' ? accessJson : accessLine;
  return processorOf((span) => {
    if (span.kind !== SpanKind.SERVER) return;
    const method =
      text(span, ATTR_HTTP_REQUEST_METHOD_ORIGINAL) ?? text(span, ATTR_HTTP_REQUEST_METHOD);
    // Server spans of other protocols have no method, and no access line.
    if (method === undefined) return;
    const { traceId, spanId } = span.spanContext();
    options.write(
      render({
        timeMs: toMilliseconds(span.endTime),
        id: text(span, ATTR_REQUEST_ID) ?? spanId,
        method,
        path: text(span, ATTR_URL_PATH) ?? '/',
        status: number(span, ATTR_HTTP_RESPONSE_STATUS_CODE) ?? CLIENT_CLOSED_REQUEST,
        durationMs: toMilliseconds(span.duration),
        tenant: text(span, ATTR_TENANT_ID),
        aborted: span.attributes[ATTR_REQUEST_ABORTED] === true,
        traceId,
        spanId,
      }),
    );
  });
}

/** Writes Ash's timing line for every message that was timed. */
export function createTimingLineProcessor(options: { write: WriteLine }): EndedSpanProcessor {
  return processorOf((span) => {
    const totalMs = number(span, ATTR_MESSAGE_TOTAL_MS);
    if (totalMs === undefined) return;
    options.write(
      timingLine({
        timeMs: toMilliseconds(span.endTime),
        sessionId: text(span, ATTR_SESSION_ID) ?? '',
        sandboxId: text(span, ATTR_SANDBOX_ID) ?? '',
        lookupMs: number(span, ATTR_MESSAGE_LOOKUP_MS) ?? 0,
        firstEventMs: number(span, ATTR_MESSAGE_FIRST_EVENT_MS) ?? 0,
        totalMs,
        eventCount: number(span, ATTR_MESSAGE_EVENT_COUNT) ?? 0,
      }),
    );
  });
}

/** Writes Ash's resume line for every session that came back. */
export function createResumeLineProcessor(options: { write: WriteLine }): EndedSpanProcessor {
  return processorOf((span) => {
    const path = text(span, ATTR_SESSION_RESUME_PATH);
    if (path === undefined) return;
    options.write(
      resumeLine({
        timeMs: toMilliseconds(span.endTime),
        path,
        sessionId: text(span, ATTR_SESSION_ID) ?? '',
        agentName: text(span, ATTR_GEN_AI_AGENT_NAME) ?? '',
      }),
    );
  });
}

function processorOf(onEnd: (span: EndedSpan) => void): EndedSpanProcessor {
  return {
    onStart: () => undefined,
    onEnd,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function text(span: EndedSpan, attribute: string): string | undefined {
  const value = span.attributes[attribute];
  return typeof value === 'string' ? value : undefined;
}

function number(span: EndedSpan, attribute: string): number | undefined {
  const value = span.attributes[attribute];
  return typeof value === 'number' ? value : undefined;
}
