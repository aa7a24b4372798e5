import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_PROVIDER_ATTEMPTS,
} from '../catalog/attributes.js';
import { PROVIDER_NAMES, PROVIDERS, type Provider } from '../catalog/vocabulary.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { activeSession } from './context.js';
import { EndsOnce } from './ends-once.js';
import { follow, followAbort, type Ending } from './outcome.js';
import {
  failureOfAnswer,
  failureOfError,
  type AttemptFailure,
  type Failure,
} from './provider-failure.js';
import { guard, type Runtime } from './runtime.js';

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

/** Tokens that a call used, as the provider reported them. */
export interface TokenUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
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

/** Counts a call, its attempts and how they failed, and makes its CLIENT span. */
export class RunningCall implements ProviderCall {
  readonly span: Span;
  readonly #runtime: Runtime;
  readonly #provider: string;
  readonly #operation: string;
  readonly #model: string;
  readonly #startedAt: number;
  /** A signal that has fired already ends this before there is anything to stop. */
  #stopFollowing: () => void = () => undefined;
  #attempts = 0;
  #attemptFailed = false;
  readonly #ends: EndsOnce;

  constructor(runtime: Runtime, options: ProviderCallOptions) {
    this.#runtime = runtime;
    this.#ends = new EndsOnce(() => {
      runtime.reportOnce('provider.end', 'a provider call was used after its end; that is ignored');
    });
    this.#provider = canonicalName(options.provider);
    this.#operation = toLabelValue(options.operation ?? 'chat');
    this.#model = options.model === undefined ? ABSENT : toLabelValue(options.model);
    const sessionId = activeSession(runtime);
    this.span = runtime.tracing().startSpan(`${this.#operation} ${this.#model}`.trimEnd(), {
      kind: SpanKind.CLIENT,
      attributes: {
        [ATTR_GEN_AI_OPERATION_NAME]: this.#operation,
        [ATTR_GEN_AI_PROVIDER_NAME]: this.#provider,
        ...(this.#model !== ABSENT && { [ATTR_GEN_AI_REQUEST_MODEL]: this.#model }),
        ...(sessionId !== undefined && { [ATTR_GEN_AI_CONVERSATION_ID]: toLabelValue(sessionId) }),
      },
    });
    this.#startedAt = runtime.now();
    const { providerCalls } = runtime.ledger.tables;
    providerCalls.add(providerCalls.row(this.#provider), 1);
    this.#stopFollowing = followAbort({
      signal: options.signal,
      onEnd: (ending) => {
        this.finish(ending);
      },
    });
  }

  attempt<T>(fn: () => T): T {
    if (this.#ends.isMisused) return fn();
    guard(this.#runtime, () => {
      this.#attempts++;
      this.#attemptFailed = false;
      if (this.#attempts === 1) return;
      const { providerRetries } = this.#runtime.ledger.tables;
      providerRetries.add(providerRetries.row(this.#provider), 1);
    });
    return follow(fn, {
      onEnd: (ending) => {
        guard(this.#runtime, () => {
          if (ending.how === 'threw') this.#fail(failureOfError(ending.error));
          if (ending.how === 'returned') this.attemptFailed({ status: statusOf(ending.value) });
        });
      },
    });
  }

  attemptFailed(failure: AttemptFailure): void {
    const sorted = failureOfAnswer(failure);
    if (sorted !== undefined && !this.#ends.isMisused) this.#fail(sorted);
  }

  used({ inputTokens, outputTokens }: TokenUsage): void {
    if (this.#ends.isMisused) return;
    guard(this.#runtime, () => {
      this.#count('input', inputTokens, ATTR_GEN_AI_USAGE_INPUT_TOKENS);
      this.#count('output', outputTokens, ATTR_GEN_AI_USAGE_OUTPUT_TOKENS);
    });
  }

  end(error?: unknown): void {
    if (this.#ends.byHost()) this.#record(error == null ? undefined : failureOfError(error));
  }

  /** Ends it by how its function ended or its signal fired, unless the host already did. */
  finish(ending: Ending): void {
    if (!this.#ends.byItself()) return;
    switch (ending.how) {
      case 'returned':
        this.#record(undefined);
        break;
      case 'threw':
        this.#record(failureOfError(ending.error));
        break;
      case 'aborted':
        this.#record({ cause: 'other', errorType: ending.timedOut ? 'timeout' : 'aborted' });
        break;
    }
  }

  /** An attempt fails at most once: the SDK's error after a 503 tells of the same attempt. */
  #fail(failure: Failure): void {
    if (failure.cause === 'other' || this.#attemptFailed) return;
    this.#attemptFailed = true;
    guard(this.#runtime, () => {
      const { providerErrors } = this.#runtime.ledger.tables;
      providerErrors.add(providerErrors.row(this.#provider, failure.errorType), 1);
    });
  }

  #record(failure: Failure | undefined): void {
    guard(this.#runtime, () => {
      this.#stopFollowing();
      if (failure !== undefined) this.#fail(failure);
      const { genAiOperationDuration } = this.#runtime.ledger.tables;
      const row = genAiOperationDuration.row(
        this.#operation,
        this.#provider,
        this.#model,
        failure?.errorType ?? ABSENT,
      );
      genAiOperationDuration.record(row, this.#runtime.now() - this.#startedAt);
      this.span.setAttribute(ATTR_PROVIDER_ATTEMPTS, Math.max(this.#attempts, 1));
      if (failure !== undefined) {
        this.span.setAttribute(ATTR_ERROR_TYPE, failure.errorType);
        this.span.setStatus({ code: SpanStatusCode.ERROR });
      }
      this.span.end();
    });
  }

  #count(type: 'input' | 'output', tokens: number | undefined, attribute: string): void {
    if (typeof tokens !== 'number' || !(tokens >= 0) || !Number.isFinite(tokens)) return;
    const { genAiTokenUsage } = this.#runtime.ledger.tables;
    const row = genAiTokenUsage.row(this.#operation, this.#provider, this.#model, type);
    genAiTokenUsage.record(row, tokens);
    this.span.setAttribute(attribute, tokens);
  }
}

/** The status of a `Response` and of what is shaped like one. */
function statusOf(value: unknown): number | undefined {
  const status = (value as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' ? status : undefined;
}

/** The documents' name of a provider as the GenAI conventions spell it. */
export function canonicalName(name: string): string {
  const known = PROVIDERS.findIndex((documented) => documented === name);
  return PROVIDER_NAMES[known] ?? toLabelValue(name);
}
