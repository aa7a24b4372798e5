import { errorType, isAbort, isTimeout } from './outcome.js';

/** What a provider answered an attempt with, as far as the host knows it. */
export interface AttemptFailure {
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The error's type or status in the answer's body: `rate_limit_error`, `RESOURCE_EXHAUSTED`. */
  readonly type?: string | undefined;
}

/** A failure sorted by what the documents count, and the `error.type` it gets. */
export interface Failure {
  /**
   * `upstream` is an error status of the provider or a socket that broke, counted for the
   * attempt; `other` is the host's own doing (an abort, a deadline, a bug) and is not.
   */
  readonly cause: 'upstream' | 'other';
  readonly errorType: string;
}

const RATE_LIMITED = '429';
/** Body-level names of 429, by provider: Anthropic and OpenAI, Google. */
const RATE_LIMIT_TYPES = new Set(['rate_limit_error', 'RESOURCE_EXHAUSTED', 'rate_limit_exceeded']);
/** Codes of a connection that could not be made or did not hold: Node's, undici's, OpenSSL's. */
const SOCKET_CODE = new RegExp(
  '^(?:' +
    [
      'ECONN[A-Z]+|ENOTFOUND|EAI_[A-Z]+|ETIMEDOUT|EPIPE|EPROTO|EADDRNOTAVAIL',
      'E(?:HOST|NET)(?:UNREACH|DOWN|RESET)',
      'UND_ERR_(?:SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_[A-Z_]+)|HPE_[A-Z_]+',
      'ERR_(?:TLS|SSL|HTTP2|STREAM_PREMATURE_CLOSE)[A-Z0-9_]*',
      'CERT_[A-Z_]+|UNABLE_TO_[A-Z_]+|[A-Z_]*SELF_SIGNED_CERT[A-Z_]*',
    ].join('|') +
    ')$',
);
const MAX_CAUSES = 5;

/** Sorts an answer by its status and by what its body says. */
export function failureOfAnswer({ status, type }: AttemptFailure): Failure | undefined {
  if (type !== undefined && RATE_LIMIT_TYPES.has(type)) {
    return { cause: 'upstream', errorType: RATE_LIMITED };
  }
  // Anthropic streams errors inside a 200 response; its document gives this one status 529.
  if (type === 'overloaded_error') return { cause: 'upstream', errorType: '529' };
  if (status === undefined || !(status >= 400 && status <= 599)) return undefined;
  return { cause: 'upstream', errorType: String(Math.trunc(status)) };
}

/**
 * The statuses that providers document for the errors they name: Anthropic and OpenAI by
 * type or code, Google by its canonical codes, Bedrock by exception. An answer that began
 * with 200 names its error only in its body.
 */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  invalid_prompt: 400,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  validationException: 400,
  authentication_error: 401,
  UNAUTHENTICATED: 401,
  permission_error: 403,
  PERMISSION_DENIED: 403,
  not_found_error: 404,
  NOT_FOUND: 404,
  modelTimeoutException: 408,
  request_too_large: 413,
  modelStreamErrorException: 424,
  insufficient_quota: 429,
  throttlingException: 429,
  UNAVAILABLE: 503,
  serviceUnavailableException: 503,
  timeout_error: 504,
  DEADLINE_EXCEEDED: 504,
};

/**
 * Sorts the error object of an answer's body. One inside an answer that began well, and that
 * says no more, is the provider's own failure.
 */
export function failureInBody(status: number, error: unknown): Failure {
  const names = isRecord(error) ? [error['type'], error['code'], error['status']] : [];
  const types = names.filter((name) => typeof name === 'string');
  for (const type of types) {
    const failure = failureOfAnswer({ type });
    if (failure !== undefined) return failure;
  }
  const own = names.find((name) => typeof name === 'number');
  const named = types.map((type) => STATUS_OF_TYPE[type]).find((known) => known !== undefined);
  return (
    failureOfAnswer({ status }) ??
    failureOfAnswer({ status: own ?? named }) ?? { cause: 'upstream', errorType: '500' }
  );
}

/** Whether a client may send an attempt that ended like this once more: 408, 409, 429, 5xx, a broken socket. */
export function isRetryable({ cause, errorType }: Failure): boolean {
  return cause === 'upstream' && (!/^4\d\d$/.test(errorType) || /^4(?:08|09|29)$/.test(errorType));
}

/** Sorts what an attempt or a call threw. */
export function failureOfError(error: unknown): Failure {
  const answer = answerIn(error);
  if (answer !== undefined) return answer;
  if (isAbort(error)) return { cause: 'other', errorType: 'aborted' };
  const code = socketCodeIn(error);
  if (code !== undefined) return { cause: 'upstream', errorType: code };
  if (isTimeout(error)) return { cause: 'other', errorType: 'timeout' };
  return { cause: 'other', errorType: errorType(error) };
}

/** SDK errors carry the answer's status, and the body's type one to three levels down. */
function answerIn(error: unknown): Failure | undefined {
  let status: number | undefined;
  for (let level = error, depth = 0; isRecord(level) && depth < MAX_CAUSES; depth++) {
    const own = level['status'];
    if (typeof own === 'number') status ??= own;
    for (const type of [level['type'], level['code'], own]) {
      const failure = typeof type === 'string' ? failureOfAnswer({ type }) : undefined;
      if (failure !== undefined) return failure;
    }
    level = level['error'];
  }
  return failureOfAnswer({ status });
}

/** The code of a socket or protocol error, wherever the client library has wrapped it. */
function socketCodeIn(error: unknown): string | undefined {
  for (let level = error, depth = 0; isRecord(level) && depth < MAX_CAUSES; depth++) {
    if (isAbort(level)) return undefined;
    const code = level['code'];
    // A code of another kind says that something else went wrong.
    if (typeof code === 'string') return SOCKET_CODE.test(code) ? code : undefined;
    level = level['cause'];
  }
  // undici says “fetch failed” or “terminated”, the official packages APIConnectionError.
  const name = errorType(error);
  if (name === 'APIConnectionError' || name === 'APIConnectionTimeoutError') return name;
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message)
    ? 'socket'
    : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
