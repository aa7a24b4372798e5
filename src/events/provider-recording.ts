import {
  SpanKind,
  SpanStatusCode,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_PROVIDER_ATTEMPTS,
  ATTR_PROVIDER_REQUEST_ID,
} from '../catalog/attributes.js';
import { PROVIDER_NAMES, PROVIDERS } from '../catalog/vocabulary.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { sessionOf } from './context.js';
import { genAiClientSpan } from './gen-ai-span.js';
import type { Failure } from './provider-failure.js';
import { guard, type Runtime } from './runtime.js';
import { takesDetails } from './span-details.js';

/** Tokens that a call used, as the provider reported them. */
export interface TokenUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
}

/** What a call is recorded under, and how it began. */
export interface RecordedCall {
  readonly provider: string;
  readonly operation: string;
  readonly model: string | undefined;
  /**
   * The context that an instrumentation saw it in, where there may be a span of it already;
   * the active one when absent.
   */
  readonly context?: Context;
  /** When it began, on the runtime's clock; now when absent. */
  readonly startedAt?: number;
  /** Further attributes of its span. */
  readonly attributes?: Attributes;
  /**
   * Attempts of the same call that an earlier recording has: the call is not counted again,
   * and the next attempt is a retry.
   */
  readonly attemptsBefore?: number;
}

/** What the provider said about its answer. */
export interface ProviderAnswer {
  readonly status?: number | undefined;
  /** The id by which the provider's support finds the request. */
  readonly requestId?: string | undefined;
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly finishReasons?: readonly string[];
}

/** The cells and the CLIENT span of one logical call. Nothing in it throws. */
export class CallRecording {
  readonly span: Span;
  readonly #runtime: Runtime;
  readonly #provider: string;
  readonly #operation: string;
  readonly #model: string;
  readonly #startedAt: number;
  /** When the runtime's clock stood at 0, in milliseconds since the epoch. */
  readonly #clockBeganAtMs: number;
  readonly #isTheirs: boolean;
  /** Whether anybody looks at more of the span than what it began with: no line tells of it. */
  readonly #takesDetails: boolean;
  #attempts: number;
  #attemptFailed = false;

  constructor(runtime: Runtime, call: RecordedCall) {
    this.#runtime = runtime;
    this.#provider = canonicalName(call.provider);
    this.#operation = toLabelValue(call.operation);
    this.#model = call.model === undefined ? ABSENT : toLabelValue(call.model);
    this.#attempts = call.attemptsBefore ?? 0;
    const tracing = runtime.tracing();
    const context = call.context ?? tracing.active();
    const sessionId = sessionOf(context);
    this.#clockBeganAtMs = Date.now() - runtime.now();
    this.#startedAt = call.startedAt ?? runtime.now();
    const name = `${this.#operation} ${this.#model}`.trimEnd();
    const attributes: Attributes = {
      [ATTR_GEN_AI_OPERATION_NAME]: this.#operation,
      [ATTR_GEN_AI_PROVIDER_NAME]: this.#provider,
    };
    if (this.#model !== ABSENT) attributes[ATTR_GEN_AI_REQUEST_MODEL] = this.#model;
    if (sessionId !== undefined) attributes[ATTR_GEN_AI_CONVERSATION_ID] = toLabelValue(sessionId);
    const options = {
      kind: SpanKind.CLIENT,
      parent: context,
      startTime: call.startedAt === undefined ? undefined : this.#epochOf(call.startedAt),
      attributes: Object.assign(attributes, call.attributes),
    };
    const outer = call.context && genAiClientSpan(call.context);
    this.#isTheirs = outer !== undefined;
    this.span =
      outer === undefined
        ? tracing.startSpan(name, options)
        : tracing.adoptSpan(outer, { name, ...options });
    this.#takesDetails = takesDetails(this.span);
    if (this.#attempts > 0) return;
    const { providerCalls } = runtime.ledger.tables;
    providerCalls.add(providerCalls.row(this.#provider), 1);
  }

  /** How many attempts have begun. */
  get attempts(): number {
    return this.#attempts;
  }

  /** An attempt begins; the second and later ones are retries. */
  attemptBegan(): void {
    guard(this.#runtime, () => {
      this.#attempts++;
      this.#attemptFailed = false;
      this.#describe({ [ATTR_PROVIDER_ATTEMPTS]: this.#attempts });
      if (this.#attempts === 1) return;
      const { providerRetries } = this.#runtime.ledger.tables;
      providerRetries.add(providerRetries.row(this.#provider), 1);
    });
  }

  /**
   * The last attempt failed. It does so at most once: an SDK's error after a 503 tells of the
   * same attempt.
   */
  attemptFailed({ cause, errorType }: Failure): void {
    if (cause === 'other' || this.#attemptFailed) return;
    this.#attemptFailed = true;
    guard(this.#runtime, () => {
      const { providerErrors } = this.#runtime.ledger.tables;
      providerErrors.add(providerErrors.row(this.#provider, errorType), 1);
    });
  }

  /** The first chunk of a streamed answer came, at a time on the runtime's clock. */
  streamBegan(at: number): void {
    guard(this.#runtime, () => {
      const { genAiTimeToFirstChunk } = this.#runtime.ledger.tables;
      const row = genAiTimeToFirstChunk.row(this.#operation, this.#provider, this.#model);
      const elapsedMs = at - this.#startedAt;
      genAiTimeToFirstChunk.record(row, elapsedMs);
      this.#describe({
        [ATTR_GEN_AI_REQUEST_STREAM]: true,
        [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: elapsedMs / 1000,
      });
    });
  }

  /** What is known of the answer goes on the span; the last attempt's is what stays. */
  answered({ status, requestId, id, model, finishReasons }: ProviderAnswer): void {
    if (!this.#takesDetails) return;
    guard(this.#runtime, () => {
      const known: Attributes = {};
      if (status !== undefined) known[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
      if (requestId !== undefined) known[ATTR_PROVIDER_REQUEST_ID] = toLabelValue(requestId);
      if (id !== undefined) known[ATTR_GEN_AI_RESPONSE_ID] = toLabelValue(id);
      if (model !== undefined) known[ATTR_GEN_AI_RESPONSE_MODEL] = toLabelValue(model);
      if (finishReasons !== undefined && finishReasons.length > 0) {
        known[ATTR_GEN_AI_RESPONSE_FINISH_REASONS] = finishReasons.map(toLabelValue);
      }
      this.#describe(known);
    });
  }

  /** The provider reported token usage. Not called is unknown, never 0. */
  used({ inputTokens, outputTokens }: TokenUsage): void {
    guard(this.#runtime, () => {
      this.#count('input', inputTokens, ATTR_GEN_AI_USAGE_INPUT_TOKENS);
      this.#count('output', outputTokens, ATTR_GEN_AI_USAGE_OUTPUT_TOKENS);
    });
  }

  /** The call ended, at a time on the runtime's clock or now. To be called once. */
  end(failure: Failure | undefined, endedAt?: number): void {
    guard(this.#runtime, () => {
      if (failure !== undefined) this.attemptFailed(failure);
      const { genAiOperationDuration } = this.#runtime.ledger.tables;
      const row = genAiOperationDuration.row(
        this.#operation,
        this.#provider,
        this.#model,
        failure?.errorType ?? ABSENT,
      );
      const now = this.#runtime.now();
      genAiOperationDuration.record(row, (endedAt ?? now) - this.#startedAt);
      this.#describe({ [ATTR_PROVIDER_ATTEMPTS]: Math.max(this.#attempts, 1) });
      if (failure !== undefined) {
        this.#describe({ [ATTR_ERROR_TYPE]: failure.errorType });
        if (!this.#isTheirs) this.span.setStatus({ code: SpanStatusCode.ERROR });
      }
      this.span.end(endedAt === undefined ? undefined : this.#epochOf(endedAt));
    });
  }

  /** A time on the runtime's clock in milliseconds since the epoch. */
  #epochOf(time: number): number {
    return this.#clockBeganAtMs + time;
  }

  #count(type: 'input' | 'output', tokens: number | undefined, attribute: string): void {
    if (typeof tokens !== 'number' || !(tokens >= 0) || !Number.isFinite(tokens)) return;
    const { genAiTokenUsage } = this.#runtime.ledger.tables;
    const row = genAiTokenUsage.row(this.#operation, this.#provider, this.#model, type);
    genAiTokenUsage.record(row, tokens);
    this.#describe({ [attribute]: tokens });
  }

  /** Adds to the span, unless it is somebody else's and they have ended it already. */
  #describe(attributes: Attributes): void {
    if (!this.#takesDetails) return;
    if (!this.#isTheirs || this.span.isRecording()) this.span.setAttributes(attributes);
  }
}

/** The documents' name of a provider as the GenAI conventions spell it. */
export function canonicalName(name: string): string {
  const known = PROVIDERS.findIndex((documented) => documented === name);
  return PROVIDER_NAMES[known] ?? toLabelValue(name);
}
