import { HTTP_METHODS } from '../catalog/vocabulary.js';
import { escapeTenant, escapeValue } from './escape.js';
import type { AccessRecord, ResumeRecord, TimingRecord } from './records.js';
import { accessTimestamp, isoTimestamp } from './timestamp.js';

/**
 * Wasmrun's access line: fields in the documented order, none that a client can forge. What
 * many lines have in common is made once, and every piece costs: V8 keeps a text of pieces as a
 * tree, and copies it leaf by leaf when it is written.
 */
export function accessLine(record: AccessRecord): string {
  return (
    start(accessTimestamp(record.timeMs)) +
    idOf(record) +
    (METHODS.get(record.method) ?? methodAndPath(record.method)) +
    escapeValue(record.path) +
    ` status=${record.status} dur_ms=${Math.floor(record.durationMs)} tenant=` +
    tenantOf(record) +
    '\n'
  );
}

let startedWith = '';
let started = '';

/** Up to the id; joined, which makes one text of it and no tree. */
function start(timestamp: string): string {
  if (timestamp === startedWith) return started;
  startedWith = timestamp;
  return (started = ['ts=', timestamp, ' id='].join(''));
}

const METHODS: ReadonlyMap<string, string> = new Map(
  HTTP_METHODS.map((method) => [method, methodAndPath(method)]),
);

function methodAndPath(method: string): string {
  return ` method=${escapeValue(method)} path=`;
}

/** A span's id is plain as it is; one that the host has sent may be anything. */
function idOf({ id, spanId }: AccessRecord): string {
  return id === spanId ? id : escapeValue(id);
}

function tenantOf({ tenant }: AccessRecord): string {
  return tenant === undefined || tenant === '' ? '-' : escapeTenant(tenant);
}

/** The same as a JSON object, with the ids of the trace and `aborted` where the client left. */
export function accessJson(record: AccessRecord): string {
  return json({
    ts: accessTimestamp(record.timeMs),
    id: idOf(record),
    method: escapeValue(record.method),
    path: escapeValue(record.path),
    status: record.status,
    dur_ms: Math.floor(record.durationMs),
    tenant: tenantOf(record),
    trace_id: record.traceId,
    span_id: record.spanId,
    ...(record.aborted && { aborted: true }),
  });
}

/** A request as it was received, before anything is known of its answer. */
export interface ReceivedRecord {
  readonly timeMs: number;
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** Wasmrun's verbose line. */
export function receivedLine({ id, method, url }: ReceivedRecord): string {
  return `→ ${escapeValue(method)} ${escapeUrl(url)} (id=${escapeValue(id)})\n`;
}

/** The same where every line is JSON. */
export function receivedJson({ timeMs, id, method, url }: ReceivedRecord): string {
  return json({
    type: 'request_received',
    ts: accessTimestamp(timeMs),
    id: escapeValue(id),
    method: escapeValue(method),
    url: escapeUrl(url),
  });
}

/** Ash's timing line. */
export function timingLine(record: TimingRecord): string {
  return json({
    type: 'timing',
    source: 'server',
    sessionId: record.sessionId,
    sandboxId: record.sandboxId,
    lookupMs: hundredths(record.lookupMs),
    firstEventMs: hundredths(record.firstEventMs),
    totalMs: hundredths(record.totalMs),
    eventCount: record.eventCount,
    timestamp: isoTimestamp(record.timeMs),
  });
}

/** Ash's resume line. */
export function resumeLine(record: ResumeRecord): string {
  return json({
    type: 'resume_hit',
    path: record.path,
    sessionId: record.sessionId,
    agentName: record.agentName,
    ts: isoTimestamp(record.timeMs),
  });
}

/** Names of query parameters whose values are credentials as often as not. */
const SECRET_NAME = /key|token|secret|sig|pass|auth|cred|code/i;

/** The verbose line shows the URL with its query, as documented, but never a key or token. */
function escapeUrl(url: string): string {
  const [path = '', ...queries] = url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1').split('?');
  const shown = queries.map((query) => query.split('&').map(withoutSecret).join('&'));
  // `=` separates nothing in this line and belongs to every query.
  return [path, ...shown].join('?').split('=').map(escapeValue).join('=');
}

function withoutSecret(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return name !== parameter && SECRET_NAME.test(name)
    ? parameter.replace(/=[^#]*/, '=REDACTED')
    : parameter;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function json(fields: Record<string, unknown>): string {
  return `${JSON.stringify(fields)}\n`;
}
