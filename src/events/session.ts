import { RESUME_PATHS } from '../catalog/vocabulary.js';
import { withSession } from './context.js';
import { isTimed, TimedMessage, UNTIMED, type Message } from './message.js';
import { currentRuntime, event, opening, type Runtime } from './runtime.js';
import type { SessionOptions } from './session-registry.js';
import {
  mark,
  sessionCreated,
  sessionEnded,
  sessionPaused,
  sessionResumed,
  type SessionResume,
} from './session-steps.js';

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
    fits(runtime, 'created', sessionCreated(runtime, withId(options)));
  }),

  /** There was activity; its idle expiry starts over. While something is executed in it, it is not idle. */
  touched: event<[string]>('session', (runtime, id) => {
    fits(runtime, 'touched', runtime.sessions.touch(id));
  }),

  /** It was paused or stopped: not active, but it may come back, warm or cold. */
  paused: event<[string]>('session', (runtime, id) => {
    fits(runtime, 'paused', sessionPaused(runtime, id));
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
    fits(runtime, 'resumed', sessionResumed(runtime, withId(options)));
  }),

  /** It is gone: deleted, or cleaned up after it expired. */
  ended: event<[string]>('session', (runtime, id) => {
    fits(runtime, 'ended', sessionEnded(runtime, id));
  }),

  /** Calls `fn` with a session as the current one: executions and calls inside belong to it. */
  within<T>(id: string, fn: () => T): T {
    return withSession(id, fn);
  },

  /**
   * A message to a session is being handled. With `ASH_DEBUG_TIMING=1` at this moment one
   * timing line is written at its end. It is timed as well where log records are exported;
   * otherwise this is a single read of the environment.
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
    return isTimed() || currentRuntime()?.timesMessages === true ? startMessage(id) : UNTIMED;
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
