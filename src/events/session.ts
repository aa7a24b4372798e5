import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_SESSION_ID,
  ATTR_SESSION_RESUME_PATH,
} from '../catalog/attributes.js';
import { RESUME_PATHS, type ResumePath } from '../catalog/vocabulary.js';
import { toLabelValue } from '../ledger/label-value.js';
import { withSession } from './context.js';
import { TimedMessage, UNTIMED, type Message } from './message.js';
import { event, opening, type Runtime } from './runtime.js';
import type { SessionOptions } from './session-registry.js';

/** A resume as its host describes it; further options describe a session not seen before. */
export interface SessionResume extends SessionOptions {
  /** `warm` when the sandbox was still alive, `cold` when a new one was made. */
  readonly path: ResumePath;
  /** Name of the agent that the session runs, for the resume line. */
  readonly agentName?: string | undefined;
}

const startMessage = opening<[string], Message>(
  'message',
  UNTIMED,
  (runtime, id) => new TimedMessage(runtime, id),
);

/**
 * Agent sessions: wasmrun's `sessions_*`, Ash's `active_sessions` and `resume_total`, the
 * resume line and the timing line. An event for a session that is unknown or has ended
 * changes nothing and is reported once.
 */
export const session = {
  /**
   * @example
   * session.created({ id, directory, memoryCapPages: 4096, idleTimeoutMs: 600_000 });
   */
  created: event<[SessionOptions]>('session', (runtime, options) => {
    if (fits(runtime, 'created', runtime.sessions.create(withId(options)))) {
      mark(runtime, 'session.created', options.id);
    }
  }),

  /** There was activity; its idle expiry starts over. While something is executed in it, it is not idle. */
  touched: event<[string]>('session', (runtime, id) => {
    fits(runtime, 'touched', runtime.sessions.touch(id));
  }),

  /** It was paused or stopped: not active, but it may come back, warm or cold. */
  paused: event<[string]>('session', (runtime, id) => {
    if (fits(runtime, 'paused', runtime.sessions.deactivate(id, 'paused'))) {
      mark(runtime, 'session.paused', id);
    }
  }),

  /** Its idle time is over; it stays tracked until it ends. Not needed with `idleTimeoutMs`. */
  expired: event<[string]>('session', (runtime, id) => {
    if (fits(runtime, 'expired', runtime.sessions.deactivate(id, 'expired'))) {
      mark(runtime, 'session.expired', id);
    }
  }),

  /**
   * It came back: counted by path, and one `resume_hit` line is written.
   *
   * @example
   * session.resumed({ id, path: sandboxAlive ? 'warm' : 'cold', agentName: 'my-agent' });
   */
  resumed: event<[SessionResume]>('session', (runtime, options) => {
    if (!RESUME_PATHS.includes(options.path)) {
      runtime.reportOnce('session.resumed', 'a resume is either warm or cold; it is not counted');
      return;
    }
    if (!fits(runtime, 'resumed', runtime.sessions.resume(withId(options)))) return;
    const { sessionResumed } = runtime.ledger.tables;
    sessionResumed.add(sessionResumed.row(options.path), 1);
    mark(runtime, 'session.resumed', options.id, {
      [ATTR_SESSION_RESUME_PATH]: options.path,
      [ATTR_GEN_AI_AGENT_NAME]: toLabelValue(options.agentName),
    });
  }),

  /** It is gone: deleted, or cleaned up after it expired. */
  ended: event<[string]>('session', (runtime, id) => {
    if (fits(runtime, 'ended', runtime.sessions.end(id))) mark(runtime, 'session.ended', id);
  }),

  /** Calls `fn` with a session as the current one: executions and calls inside belong to it. */
  within<T>(id: string, fn: () => T): T {
    return withSession(id, fn);
  },

  /**
   * A message to a session is being handled. With `ASH_DEBUG_TIMING=1` at this moment one
   * timing line is written at its end; otherwise this is a single read of the environment.
   * Times run from the arrival of the HTTP request, so it can follow the look-up: a message
   * that is refused should have none.
   *
   * @example
   * const sandbox = await pool.find(id);
   * const message = session.message(id);
   * message.located({ sandbox: sandbox.id });
   * for await (const event of answer) { send(event); message.eventSent(event.name); }
   * message.end();
   */
  message(id: string): Message {
    // Read at each message, so that an operator can switch it while the server runs.
    return process.env['ASH_DEBUG_TIMING'] === '1' ? startMessage(id) : UNTIMED;
  },
};

function withId<T extends SessionOptions>(options: T): T {
  // A host in JavaScript may pass anything; an id that is no string would never be found again.
  if (typeof options.id !== 'string') throw new TypeError('a session id is a string');
  return options;
}

function fits(runtime: Runtime, name: string, accepted: boolean): boolean {
  if (!accepted) {
    runtime.reportOnce(
      `session.${name}`,
      `session.${name} for a session that is ${name === 'created' ? 'known already' : 'unknown or has ended'}; it is ignored`,
    );
  }
  return accepted;
}

/** Makes the span of something that happened at one moment. */
function mark(
  runtime: Runtime,
  name: string,
  id: string,
  attributes: Record<string, string> = {},
): void {
  runtime
    .tracing()
    .startSpan(name, { attributes: { [ATTR_SESSION_ID]: toLabelValue(id), ...attributes } })
    .end();
}
