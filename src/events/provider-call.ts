import type { Span } from '@opentelemetry/api';
import type { Provider } from '../catalog/vocabulary.js';
import { EndsOnce, type Misuse } from './ends-once.js';
import { follow, followAbort, type Ending } from './outcome.js';
import {
  failureOfAnswer,
  failureOfError,
  type AttemptFailure,
  type Failure,
} from './provider-failure.js';
import { CallRecording, type TokenUsage } from './provider-recording.js';
import { guard, type Runtime } from './runtime.js';
import { currentServerRequest } from './server-request.js';

const MISUSE: Misuse = {
  key: 'provider.end',
  problem: 'a provider call was used after its end; that is ignored',
};

/**
 * A provider: one that the arbiter document names, or any other by its
 * `gen_ai.provider.name`. The others are counted on the canonical instruments alone.
 */
export type ProviderName = Provider | (string & Record<never, never>);

/** A logical call to a model provider, however many attempts it takes. */
export interface ProviderCallOptions {
  readonly provider: ProviderName;
  /** The model that is asked for. */
  readonly model?: string | undefined;
  /** `gen_ai.operation.name`: `chat` when absent. */
  readonly operation?: string | undefined;
  /** Ends the call when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** A call that is under way. The first end counts; what comes after it is ignored and reported once. */
export interface ProviderCall {
  /**
   * Runs one attempt and returns what it returns. The second and later ones are retries. A
   * `Response`-like value is judged by its `status`, a rejection by what it says. A call
   * whose attempts are not reported is one attempt.
   */
  attempt<T>(fn: () => T): T;
  /** The last attempt failed in a way its status does not show: an error in the body. */
  attemptFailed(failure: AttemptFailure): void;
  /** The provider reported token usage. Not called is unknown, never 0. */
  used(usage: TokenUsage): void;
  /** It ended, well unless an error is given; null is none, as in Node's callbacks. */
  end(error?: unknown): void;
}

/** A host's call, or one that it has around its function: recorded, and ended once. */
export class RunningCall implements ProviderCall {
  readonly #recording: CallRecording;
  readonly #runtime: Runtime;
  /** A signal that has fired already ends this before there is anything to stop. */
  #stopFollowing: () => void = () => undefined;
  readonly #ends: EndsOnce;

  constructor(
    runtime: Runtime,
    { provider, operation = 'chat', model, signal }: ProviderCallOptions,
  ) {
    this.#runtime = runtime;
    this.#ends = new EndsOnce(runtime, MISUSE);
    this.#recording = new CallRecording(runtime, { provider, operation, model });
    currentServerRequest(runtime)?.workBegan();
    this.#stopFollowing = followAbort({
      signal,
      onEnd: (ending) => {
        this.finish(ending);
      },
    });
  }

  get span(): Span {
    return this.#recording.span;
  }

  attempt<T>(fn: () => T): T {
    if (this.#ends.isMisused) return fn();
    this.#recording.attemptBegan();
    return follow(fn, {
      onEnd: (ending) => {
        guard(this.#runtime, () => {
          if (ending.how === 'threw') this.#recording.attemptFailed(failureOfError(ending.error));
          if (ending.how === 'returned') this.attemptFailed({ status: statusOf(ending.value) });
        });
      },
    });
  }

  attemptFailed(failure: AttemptFailure): void {
    const sorted = failureOfAnswer(failure);
    if (sorted !== undefined && !this.#ends.isMisused) this.#recording.attemptFailed(sorted);
  }

  used(usage: TokenUsage): void {
    if (!this.#ends.isMisused) this.#recording.used(usage);
  }

  end(error?: unknown): void {
    if (this.#ends.byHost()) this.#end(error == null ? undefined : failureOfError(error));
  }

  /** Ends it by how its function ended or its signal fired, unless the host already did. */
  finish(ending: Ending): void {
    if (!this.#ends.byItself()) return;
    switch (ending.how) {
      case 'returned':
        this.#end(undefined);
        break;
      case 'threw':
        this.#end(failureOfError(ending.error));
        break;
      case 'aborted':
        this.#end({ cause: 'other', errorType: ending.timedOut ? 'timeout' : 'aborted' });
        break;
    }
  }

  #end(failure: Failure | undefined): void {
    this.#stopFollowing();
    this.#recording.end(failure);
  }
}

/** The status of a `Response` and of what is shaped like one. */
function statusOf(value: unknown): number | undefined {
  const status = (value as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' ? status : undefined;
}
