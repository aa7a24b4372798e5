import {
  failureInBody,
  failureOfAnswer,
  isRetryable,
  type Failure,
} from '../../events/provider-failure.js';
import type { Runtime } from '../../events/runtime.js';
import type { AnswerReader } from './answer.js';
import { createAnswerReader } from './answer-reader.js';
import type {
  AttemptEnd,
  FailedAttempt,
  LogicalCall,
  LogicalCalls,
  SentAttempt,
} from './logical-calls.js';
import type { HeaderOf } from '../headers.js';
import { RequestBody } from './request-body.js';

/** By which their support finds a request: OpenAI and others, Anthropic, AWS, Azure, OpenRouter. */
const REQUEST_IDS = [
  'x-request-id',
  'request-id',
  'x-amzn-requestid',
  'apim-request-id',
  'x-goog-request-id',
  'x-generation-id',
];

/**
 * One HTTP exchange with a provider, told by whoever follows the client library. What comes
 * after its end is ignored.
 */
export class Attempt implements FailedAttempt {
  readonly #runtime: Runtime;
  readonly #calls: LogicalCalls;
  readonly #known: SentAttempt;
  readonly #body: RequestBody;
  /** Whether it may still turn out to be a model call. */
  #isCall = true;
  #call: LogicalCall | undefined;
  #status: number | undefined;
  /** What the provider says about a retry, where it does. */
  #shouldRetry: string | undefined;
  #reader: AnswerReader | undefined;
  #isWaiting = false;
  #hasBegun = false;
  #broken: Failure | undefined;
  #endedAt: number | undefined;
  #end: AttemptEnd | undefined;

  constructor({ runtime, calls }: { runtime: Runtime; calls: LogicalCalls }, known: SentAttempt) {
    this.#runtime = runtime;
    this.#calls = calls;
    this.#known = known;
    this.#body = new RequestBody(known.model === undefined);
  }

  bodySent(chunk: Uint8Array): void {
    if (this.#call === undefined) this.#body.add(chunk);
  }

  /** The request has been sent, as far as it will be; gives the call that it belongs to. */
  requestSent(): LogicalCall | undefined {
    if (this.#call === undefined && this.#isCall) {
      const known = this.#known;
      const { digest, model } = this.#body.finish();
      known.digest = digest;
      known.model ??= model;
      this.#isCall = known.request.isCertain || known.model !== undefined;
      if (!this.#isCall) return undefined;
      this.#call = this.#calls.admit(known);
    }
    return this.#call;
  }

  responded(status: number, header: HeaderOf): void {
    const call = this.requestSent();
    if (call === undefined) return;
    this.#status = status;
    const idHeader = REQUEST_IDS.find((name) => header(name) !== undefined);
    call.recording.answered({ status, requestId: idHeader && header(idHeader) });
    this.#shouldRetry = header('x-should-retry');
    this.#reader = createAnswerReader(
      header('content-type') ?? '',
      header('content-encoding') ?? '',
    );
    const usage = bedrockUsage(header);
    if (usage !== undefined) this.#reader.answer.add({ usage });
    const failure = failureOfAnswer({ status });
    if (failure !== undefined) this.#awaitRetry(call, failure);
    const location = isRedirect(status) ? header('location') : undefined;
    const target = location && redirectTarget(this.#known.target, location);
    if (target === undefined) return;
    this.#isWaiting = true;
    this.#calls.awaitNext(call, this, target);
  }

  received(chunk: Uint8Array): void {
    if (this.#endedAt !== undefined || this.#reader === undefined) return;
    if (!this.#hasBegun && chunk.length > 0) this.#begin(this.#reader);
    this.#reader.read(chunk);
  }

  completed(): void {
    this.#over(undefined);
  }

  broke(failure: Failure): void {
    this.#over(failure);
  }

  settle(): AttemptEnd {
    this.#end ??= { failure: this.#record(), endedAt: this.#endedAt ?? this.#runtime.now() };
    return this.#end;
  }

  /** Records what is known of the answer, and how the attempt failed. */
  #record(): Failure | undefined {
    const failure = this.#failure();
    const recording = this.#call?.recording;
    const answer = this.#reader?.answer;
    this.#reader = undefined;
    if (answer !== undefined) {
      const { inputTokens, outputTokens } = answer.usage;
      // A stream that was dropped reported, if anything, the output so far.
      const isComplete = this.#broken === undefined || answer.isFinished;
      recording?.answered(answer.facts);
      recording?.used({ inputTokens, ...(isComplete && { outputTokens }) });
    }
    if (failure !== undefined) recording?.attemptFailed(failure);
    return failure;
  }

  #begin({ isStream }: AnswerReader): void {
    this.#hasBegun = true;
    const isStreamed = isStream || this.#known.request.isStream;
    if (isStreamed && this.#status === 200) {
      this.#call?.recording.streamBegan(this.#runtime.now());
    }
  }

  #over(broken: Failure | undefined): void {
    if (this.#endedAt !== undefined) return;
    const call = this.requestSent();
    if (call === undefined) return;
    this.#endedAt = this.#runtime.now();
    this.#broken = broken;
    const close = (): void => {
      if (this.#end !== undefined) return;
      const end = this.settle();
      if (end.failure !== undefined) this.#awaitRetry(call, end.failure);
      if (!this.#isWaiting) call.end(end);
    };
    if (this.#reader === undefined) close();
    else this.#reader.end(close);
  }

  #failure(): Failure | undefined {
    const answer = this.#reader?.answer;
    const status = this.#status ?? 0;
    // Clients drop the body of a redirection.
    if (isRedirect(status)) return undefined;
    if (failureOfAnswer({ status }) !== undefined) return failureInBody(status, answer?.error);
    if (answer?.error !== undefined) return failureInBody(status, answer.error);
    return answer?.isFinished === true ? undefined : this.#broken;
  }

  #awaitRetry(call: LogicalCall, failure: Failure): void {
    if (this.#isWaiting || !this.#mayBeRetried(failure)) return;
    this.#isWaiting = true;
    this.#calls.awaitNext(call, this);
  }

  #mayBeRetried(failure: Failure): boolean {
    if (this.#shouldRetry !== undefined) return this.#shouldRetry === 'true';
    // The SDKs that number their retries call an attempt off when it takes too long.
    const isCalledOff = failure.cause === 'other' && this.#status === undefined;
    return isRetryable(failure) || (isCalledOff && this.#known.retryCount !== undefined);
  }
}

/** The redirections that keep the method and the body (RFC 9110, 15.4.8 and 15.4.9). */
function isRedirect(status: number): boolean {
  return status === 307 || status === 308;
}

function redirectTarget(target: string, location: string): string | undefined {
  if (!URL.canParse(location, `http://${target}`)) return undefined;
  const { hostname, port, protocol, pathname } = new URL(location, `http://${target}`);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}${pathname}`;
}

/** Bedrock says in headers what its answers to `InvokeModel` may not. */
function bedrockUsage(header: HeaderOf): Readonly<Record<string, number>> | undefined {
  const input = header('x-amzn-bedrock-input-token-count');
  const output = header('x-amzn-bedrock-output-token-count');
  if (input === undefined && output === undefined) return undefined;
  return {
    ...(input !== undefined && { inputTokenCount: Number(input) }),
    ...(output !== undefined && { outputTokenCount: Number(output) }),
  };
}
