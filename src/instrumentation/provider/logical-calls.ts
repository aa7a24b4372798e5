import type { Attributes, Context } from '@opentelemetry/api';
import type { Failure } from '../../events/provider-failure.js';
import { CallRecording } from '../../events/provider-recording.js';
import type { Runtime } from '../../events/runtime.js';
import type { ServerRequest } from '../../events/server-request.js';
import type { ModelRequest } from './recognition.js';

/** How long after a failed attempt its retry may come, in milliseconds. */
const RETRY_WITHIN_MS = 60_000;
/** Failed attempts that are remembered; beyond it the oldest is forgotten. */
const MAX_WAITING = 1_000;

/** An attempt as it is known when its request has been sent. */
export interface SentAttempt {
  readonly request: ModelRequest;
  /** Origin and path: where its retry goes as well. */
  readonly target: string;
  /** Undefined until its body has been sent, and when it had none. */
  digest: string | undefined;
  /** The model that it asks for, by its path or its body. */
  model: string | undefined;
  /** The number of the retry, 0 for a first attempt, where the SDK says it. */
  readonly retryCount: number | undefined;
  /** The HTTP request that the host is handling. */
  readonly scope: ServerRequest | undefined;
  readonly context: Context;
  readonly startedAt: number;
  /** Further attributes of the call's span. */
  readonly attributes: Attributes;
}

/** How an attempt ended, and when, on the runtime's clock. */
export interface AttemptEnd {
  readonly failure: Failure | undefined;
  readonly endedAt: number;
}

/** An attempt that failed in a way that clients try again. */
export interface FailedAttempt {
  /** Records its failure, if that has not been done, and says how it ended. */
  settle(): AttemptEnd;
}

/** A logical call: its attempts follow each other in one recording. */
export class LogicalCall {
  readonly recording: CallRecording;
  readonly first: SentAttempt;
  #isOver = false;

  constructor(runtime: Runtime, first: SentAttempt, attemptsBefore: number) {
    this.first = first;
    const { request, model, context, startedAt, attributes } = first;
    first.scope?.workBegan();
    this.recording = new CallRecording(runtime, {
      provider: request.provider,
      operation: request.operation,
      model,
      context,
      startedAt,
      attributes,
      attemptsBefore,
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end({ failure, endedAt }: AttemptEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.recording.end(failure, endedAt);
  }
}

interface Waiting {
  readonly call: LogicalCall;
  readonly attempt: FailedAttempt;
  /** Where what it waits for goes. */
  readonly target: string;
  /** Whether it was sent there by the provider: what follows is the same attempt. */
  readonly isRedirect: boolean;
  readonly forget: () => void;
}

/**
 * Tells which attempts are one logical call. An SDK that numbers its retries is believed;
 * without a number an attempt is a retry when its target and body are those of one that
 * ended in 408, 409, 429, 5xx or a broken socket within a minute, in the same server request.
 *
 * Nobody says whether a failed attempt was the last. Calls, retries and failures are counted
 * as they happen; the span and the duration of a call that failed wait for a retry until the
 * server request has ended, or for a minute, and then end with the last attempt. A retry
 * that comes later still is counted as one, and has a span of its own.
 */
export class LogicalCalls {
  readonly #runtime: Runtime;
  readonly #waiting = new Set<Waiting>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** The call that an attempt belongs to, which is one that waits for it or a new one. */
  admit(attempt: SentAttempt): LogicalCall {
    const waiting = this.#continued(attempt);
    waiting?.attempt.settle();
    waiting?.forget();
    const call =
      waiting?.call.isOver === false
        ? waiting.call
        : new LogicalCall(
            this.#runtime,
            attempt,
            waiting?.call.recording.attempts ?? attempt.retryCount ?? 0,
          );
    if (waiting?.isRedirect !== true) call.recording.attemptBegan();
    return call;
  }

  /** Keeps a call open for the retry of its attempt, or for where the provider sent it. */
  awaitNext(call: LogicalCall, attempt: FailedAttempt, redirect?: string): void {
    const end = (): void => {
      call.end(attempt.settle());
    };
    const forget = (): void => {
      clearTimeout(timer);
      unfollow?.();
      this.#waiting.delete(waiting);
    };
    const target = redirect ?? call.first.target;
    const waiting = { call, attempt, target, isRedirect: redirect !== undefined, forget };
    const timer = setTimeout(() => {
      end();
      forget();
    }, RETRY_WITHIN_MS).unref();
    const unfollow = call.first.scope?.onEnd(end);
    this.#waiting.add(waiting);
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= MAX_WAITING) break;
      oldest.call.end(oldest.attempt.settle());
      oldest.forget();
    }
  }

  /** Ends what waits: the process does. */
  endAll(): void {
    for (const { call, attempt, forget } of this.#waiting) {
      call.end(attempt.settle());
      forget();
    }
  }

  #continued(attempt: SentAttempt): Waiting | undefined {
    if (this.#waiting.size === 0) return undefined;
    const candidates = [...this.#waiting].filter((waiting) => isNext(waiting, attempt));
    const redirected = candidates.find(({ isRedirect }) => isRedirect);
    if (redirected !== undefined || attempt.retryCount === 0) return redirected;
    // Several calls may have asked the same thing at once.
    const numbered = candidates.find(({ call }) => call.recording.attempts === attempt.retryCount);
    return numbered ?? candidates[0];
  }
}

function isNext({ call: { first }, target }: Waiting, attempt: SentAttempt): boolean {
  return (
    target === attempt.target &&
    // A number says that it is a retry, even where the async context was lost.
    (first.scope === attempt.scope || attempt.retryCount !== undefined) &&
    // A connection that was refused has taken no body to compare.
    (first.digest === undefined || attempt.digest === undefined || first.digest === attempt.digest)
  );
}
