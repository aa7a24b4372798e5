import { SpanKind } from '@opentelemetry/api';
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
import type { EndedSpan } from './ended-span.js';
import { toMilliseconds } from './timestamp.js';

/** What is said of one request. */
export interface AccessRecord {
  readonly timeMs: number;
  readonly id: string;
  readonly method: string;
  /** The request's path, without its query. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Undefined when nobody was identified. */
  readonly tenant: string | undefined;
  readonly aborted: boolean;
  readonly traceId: string;
  readonly spanId: string;
}

/** What is said of one message that was timed; durations in milliseconds. */
export interface TimingRecord {
  readonly timeMs: number;
  readonly sessionId: string;
  readonly sandboxId: string;
  readonly lookupMs: number;
  readonly firstEventMs: number;
  readonly totalMs: number;
  readonly eventCount: number;
}

/** What is said of one session that came back. */
export interface ResumeRecord {
  readonly timeMs: number;
  readonly path: string;
  readonly sessionId: string;
  readonly agentName: string;
}

/** nginx's statuses where none was sent: the client left, or the server closed the connection. */
const CLIENT_CLOSED_REQUEST = 499;
const NO_RESPONSE = 444;

/** The access record of a server span; other spans have none. */
export function accessRecordOf(span: EndedSpan): AccessRecord | undefined {
  if (span.kind !== SpanKind.SERVER) return undefined;
  const method =
    text(span.attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL]) ??
    text(span.attributes[ATTR_HTTP_REQUEST_METHOD]);
  // Server spans of other protocols have no method, and no access record.
  if (method === undefined) return undefined;
  const { traceId, spanId } = span.spanContext();
  const aborted = span.attributes[ATTR_REQUEST_ABORTED] === true;
  return {
    timeMs: toMilliseconds(span.endTime),
    id: text(span.attributes[ATTR_REQUEST_ID]) ?? spanId,
    method,
    path: text(span.attributes[ATTR_URL_PATH]) ?? '/',
    status:
      number(span.attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]) ??
      (aborted ? CLIENT_CLOSED_REQUEST : NO_RESPONSE),
    durationMs: toMilliseconds(span.duration),
    tenant: text(span.attributes[ATTR_TENANT_ID]),
    aborted,
    traceId,
    spanId,
  };
}

/** The timing record of a message's span, where the message was timed. */
export function timingRecordOf(span: EndedSpan): TimingRecord | undefined {
  const totalMs = number(span.attributes[ATTR_MESSAGE_TOTAL_MS]);
  if (totalMs === undefined) return undefined;
  return {
    timeMs: toMilliseconds(span.endTime),
    sessionId: text(span.attributes[ATTR_SESSION_ID]) ?? '',
    sandboxId: text(span.attributes[ATTR_SANDBOX_ID]) ?? '',
    lookupMs: number(span.attributes[ATTR_MESSAGE_LOOKUP_MS]) ?? 0,
    firstEventMs: number(span.attributes[ATTR_MESSAGE_FIRST_EVENT_MS]) ?? 0,
    totalMs,
    eventCount: number(span.attributes[ATTR_MESSAGE_EVENT_COUNT]) ?? 0,
  };
}

/** The resume record of a resume's span. */
export function resumeRecordOf(span: EndedSpan): ResumeRecord | undefined {
  const path = text(span.attributes[ATTR_SESSION_RESUME_PATH]);
  if (path === undefined) return undefined;
  return {
    timeMs: toMilliseconds(span.endTime),
    path,
    sessionId: text(span.attributes[ATTR_SESSION_ID]) ?? '',
    agentName: text(span.attributes[ATTR_GEN_AI_AGENT_NAME]) ?? '',
  };
}

// What is read is named where it is read, so that V8 knows the name there.
function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
