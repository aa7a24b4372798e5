import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_SESSION_ID,
  ATTR_SESSION_RESUME_PATH,
} from '../catalog/attributes.js';
import type { ResumePath } from '../catalog/vocabulary.js';
import { toLabelValue } from '../ledger/label-value.js';
import type { Runtime } from './runtime.js';
import type { SessionOptions, TrackedSession } from './session-registry.js';

/*
 * What happens to sessions, whoever saw it: each changes the cells and makes a span, or is
 * false and does nothing for a session that it does not fit.
 */

/** A resume as its host describes it; further options describe a session not seen before. */
export interface SessionResume extends SessionOptions {
  /** `warm` when the sandbox was still alive, `cold` when a new one was made. */
  readonly path: ResumePath;
  /** Name of the agent that the session runs, for the resume line. */
  readonly agentName?: string | undefined;
}

export function sessionCreated(runtime: Runtime, options: TrackedSession): boolean {
  return runtime.sessions.create(options) && mark(runtime, 'session.created', options.id);
}

export function sessionPaused(runtime: Runtime, id: string): boolean {
  return runtime.sessions.deactivate(id, 'paused') && mark(runtime, 'session.paused', id);
}

export function sessionResumed(runtime: Runtime, options: SessionResume & TrackedSession): boolean {
  if (!runtime.sessions.resume(options)) return false;
  const { sessionResumed: table } = runtime.ledger.tables;
  table.add(table.row(options.path), 1);
  return mark(runtime, 'session.resumed', options.id, {
    [ATTR_SESSION_RESUME_PATH]: options.path,
    [ATTR_GEN_AI_AGENT_NAME]: toLabelValue(options.agentName),
  });
}

export function sessionEnded(runtime: Runtime, id: string): boolean {
  return runtime.sessions.end(id) && mark(runtime, 'session.ended', id);
}

/** Makes the span of something that happened at one moment. */
export function mark(
  runtime: Runtime,
  name: string,
  id: string,
  attributes: Record<string, string> = {},
): true {
  runtime
    .tracing()
    .startSpan(name, { attributes: { [ATTR_SESSION_ID]: toLabelValue(id), ...attributes } })
    .end();
  return true;
}
