import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_EXEC_OUTPUT_TRUNCATED,
  ATTR_EXEC_RESULT,
  ATTR_SANDBOX_ID,
  ATTR_SESSION_ID,
} from '../catalog/attributes.js';
import { EXEC_RESULTS, REJECTION_REASONS } from '../catalog/vocabulary.js';
import type { ExecResult, RejectionReason } from '../catalog/vocabulary.js';
import { toLabelValue } from '../ledger/label-value.js';
import { EndsOnce, type Misuse } from './ends-once.js';
import { errorType, follow, followAbort, isTimeout, type Ending } from './outcome.js';
import { activeSession, withSpan } from './context.js';
import { event, guard, opening, type Runtime } from './runtime.js';
import { currentServerRequest } from './server-request.js';

const MISUSE: Misuse = {
  key: 'exec.end',
  problem: 'an execution was used after its end; that is ignored',
};

/** What an execution runs in. */
export interface ExecOptions {
  /** The session that it belongs to; the current one when absent. */
  readonly session?: string | undefined;
  /** The tenant sandbox that it is dispatched into, if it runs in one. */
  readonly sandbox?: string | undefined;
  /** Ends the execution when it fires: as a timeout if it is a deadline, else as an error. */
  readonly signal?: AbortSignal | undefined;
}

/** A running execution. The first end counts; what comes after it is ignored and reported once. */
export interface Exec {
  /** Its captured output was cut at the cap. Counted once, whatever the result. */
  truncated(): void;
  /** It ended. `error` covers an uncaught exception in the executed code. */
  end(result: ExecResult): void;
}

const INERT: Exec = { truncated: () => undefined, end: () => undefined };

/** The same as an instrumentation begins it. */
export interface ExecBeginning extends ExecOptions {
  /** When it began, on both clocks, where that was before it was known to be one. */
  readonly begun?: { readonly at: number; readonly timeMs: number };
}

/** Counts an execution and makes its span. */
export class RunningExec implements Exec {
  readonly span: Span;
  readonly #runtime: Runtime;
  #inSandbox: boolean;
  readonly #startedAt: number;
  /** A signal that has fired already ends this before there is anything to stop. */
  #stopFollowing: () => void = () => undefined;
  readonly #holdSession: () => () => void;
  #releaseSession: () => void;
  #truncated = false;
  /** When its work was over, on both clocks, where that was before its result was known. */
  #stopped: { readonly at: number; readonly timeMs: number } | undefined;
  readonly #ends: EndsOnce;

  constructor(runtime: Runtime, { session, sandbox, signal, begun }: ExecBeginning) {
    this.#runtime = runtime;
    this.#ends = new EndsOnce(runtime, MISUSE);
    this.#inSandbox = sandbox !== undefined;
    const sessionId = session ?? activeSession(runtime);
    this.span = runtime.tracing().startSpan('exec', {
      kind: SpanKind.INTERNAL,
      ...(begun !== undefined && { startTime: begun.timeMs }),
      attributes: {
        ...(sessionId !== undefined && { [ATTR_SESSION_ID]: toLabelValue(sessionId) }),
        ...(sandbox !== undefined && { [ATTR_SANDBOX_ID]: toLabelValue(sandbox) }),
      },
    });
    this.#startedAt = begun?.at ?? runtime.now();
    currentServerRequest(runtime)?.workBegan();
    const { execActive, sandboxExec } = runtime.ledger.tables;
    execActive.add(0, 1);
    if (this.#inSandbox) sandboxExec.add(0, 1);
    this.#holdSession = () =>
      sessionId === undefined ? () => undefined : runtime.sessions.hold(sessionId);
    this.#releaseSession = this.#holdSession();
    this.#stopFollowing = followAbort({
      signal,
      onEnd: (ending) => {
        this.finish(ending);
      },
    });
  }

  truncated(): void {
    if (this.#truncated || this.#ends.isMisused) return;
    this.#truncated = true;
    guard(this.#runtime, () => {
      this.#runtime.ledger.tables.execOutputTruncated.add(0, 1);
      this.span.setAttribute(ATTR_EXEC_OUTPUT_TRUNCATED, true);
    });
  }

  /** Its work is over, and `end` will say how: it is no longer in flight and takes no longer. */
  stop(): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { at: this.#runtime.now(), timeMs: Date.now() };
    this.#runtime.ledger.tables.execActive.add(0, -1);
    this.#releaseSession();
  }

  /** Work for it goes on after all: it is in flight again. */
  resume(): void {
    if (this.#stopped === undefined) return;
    this.#stopped = undefined;
    this.#runtime.ledger.tables.execActive.add(0, 1);
    this.#releaseSession = this.#holdSession();
  }

  /** Part of it runs in a tenant's sandbox. */
  enterSandbox(): void {
    if (this.#inSandbox) return;
    this.#inSandbox = true;
    this.#runtime.ledger.tables.sandboxExec.add(0, 1);
  }

  end(result: ExecResult): void {
    if (!this.#ends.byHost()) return;
    guard(this.#runtime, () => {
      this.#record(result);
    });
  }

  /** Ends it by how the followed function or signal ended, unless the host already did. */
  finish(ending: Ending): void {
    if (!this.#ends.byItself()) return;
    guard(this.#runtime, () => {
      if (ending.how === 'threw') this.span.setAttribute(ATTR_ERROR_TYPE, errorType(ending.error));
      this.#record(resultOf(ending));
    });
  }

  #record(wanted: ExecResult): void {
    this.#stopFollowing();
    const stopped = this.#stopped;
    this.stop();
    const result = EXEC_RESULTS.find((known) => known === wanted) ?? 'error';
    const { execDuration, sandboxExecTimeout } = this.#runtime.ledger.tables;
    const endedAt = stopped?.at ?? this.#runtime.now();
    execDuration.record(execDuration.row(result), endedAt - this.#startedAt);
    if (this.#inSandbox && result === 'timeout') sandboxExecTimeout.add(0, 1);
    this.span.setAttribute(ATTR_EXEC_RESULT, result);
    if (result !== 'success') this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end(stopped?.timeMs);
  }
}

function resultOf(ending: Ending): ExecResult {
  switch (ending.how) {
    case 'returned':
      return 'success';
    case 'threw':
      return isTimeout(ending.error) ? 'timeout' : 'error';
    case 'aborted':
      return ending.timedOut ? 'timeout' : 'error';
  }
}

const startExec = opening<[ExecOptions?], Exec>(
  'exec',
  INERT,
  (runtime, options = {}) => new RunningExec(runtime, options),
);

/** Counts a request that was turned away, whoever saw it. */
export function recordRejection(runtime: Runtime, reason: RejectionReason): void {
  if (!REJECTION_REASONS.includes(reason)) {
    runtime.reportOnce('exec.rejected', `unknown rejection reason ${JSON.stringify(reason)}`);
    return;
  }
  const { execRejected } = runtime.ledger.tables;
  execRejected.add(execRejected.row(reason), 1);
}

/**
 * Code executions: wasmrun's `exec_*` families, and arbiter's `sandbox_exec_*` for those
 * that are dispatched into a tenant's sandbox.
 */
export const exec = {
  /**
   * Runs `fn` as one execution and returns what it returns. A return is a success, a throw
   * an error, a `TimeoutError` or a deadline's abort a timeout; `fn` may call `end` itself.
   *
   * @example
   * const output = await exec.run({ session: id }, async (run) => {
   *   const result = await sandbox.evaluate(code);
   *   if (result.truncated) run.truncated();
   *   return result.stdout;
   * });
   */
  run<T>(options: ExecOptions, fn: (run: Exec) => T): T {
    const run = startExec(options);
    if (!(run instanceof RunningExec)) return fn(run);
    return follow(() => withSpan(run.span, () => fn(run)), {
      onEnd: (ending) => {
        run.finish(ending);
      },
    });
  },

  /**
   * Starts an execution that ends elsewhere.
   *
   * @example
   * const run = exec.start({ session: id });
   * worker.once('exit', (code) => run.end(code === 0 ? 'success' : 'error'));
   */
  start: startExec,

  /**
   * A request was turned away before any work: 429, 413 or 401. Counted in
   * `exec_rejected_total{reason}`.
   */
  rejected: event<[RejectionReason]>('rejection', recordRejection),
};
