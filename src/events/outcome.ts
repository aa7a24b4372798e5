/**
 * Ways in which a followed function can end. `aborted` means that its signal fired
 * while it was still running; `timedOut` that the signal was a deadline.
 */
export type Ending =
  | { readonly how: 'returned'; readonly value: unknown }
  | { readonly how: 'threw'; readonly error: unknown }
  | { readonly how: 'aborted'; readonly timedOut: boolean };

/** Whether an error says that time ran out (`AbortSignal.timeout`, a library's own). */
export function isTimeout(error: unknown): boolean {
  return errorName(error) === 'TimeoutError';
}

/** Whether an error says that somebody called the work off. */
export function isAbort(error: unknown): boolean {
  const name = errorName(error);
  // The official OpenAI and Anthropic packages throw APIUserAbortError.
  return name === 'AbortError' || name === 'APIUserAbortError';
}

/** `error.type` for an error: its class, or `_OTHER` for what is no error at all. */
export function errorType(error: unknown): string {
  return errorName(error) ?? '_OTHER';
}

function errorName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Classes that leave `name` at “Error” still say what they are.
  const constructed = error.constructor.name;
  return error.name === 'Error' && constructed !== '' ? constructed : error.name;
}

/**
 * Calls `fn`, hands its value or its error on untouched, and tells `onEnd` once how it
 * ended. `onEnd` must not throw.
 */
export function follow<T>(fn: () => T, { onEnd }: { onEnd: (ending: Ending) => void }): T {
  let result: T;
  try {
    result = fn();
  } catch (error) {
    onEnd({ how: 'threw', error });
    throw error;
  }
  if (!isThenable(result)) {
    onEnd({ how: 'returned', value: result });
    return result;
  }
  const settled = answerOf(result).then(
    (value) => {
      onEnd({ how: 'returned', value });
      return value;
    },
    (error: unknown) => {
      onEnd({ how: 'threw', error });
      throw error;
    },
  );
  // A plain promise is answered by its continuation, so that an unhandled rejection stays
  // one. A subclass (an SDK's own promise type) is handed on itself: its helpers live there.
  if (!(result instanceof Promise) || result.constructor === Promise) return settled as T;
  void settled.then(undefined, () => undefined);
  return result;
}

/**
 * What tells when a thenable has settled. The promises of the official OpenAI and Anthropic
 * packages read the response's body as soon as somebody calls their `then`, and a caller who
 * wants the raw response finds it used up; they hold the answer itself in `responsePromise`.
 */
function answerOf(result: PromiseLike<unknown>): PromiseLike<unknown> {
  const { responsePromise } = result as { responsePromise?: unknown };
  return responsePromise instanceof Promise
    ? responsePromise.then((answer: unknown) => (answer as { response?: unknown }).response)
    : result;
}

/** Ends on abort; returns what stops listening. */
export function followAbort(options: {
  signal?: AbortSignal | undefined;
  onEnd: (ending: Ending) => void;
}): () => void {
  const { signal, onEnd } = options;
  if (signal === undefined) return () => undefined;
  const onAbort = (): void => {
    onEnd({ how: 'aborted', timedOut: isTimeout(signal.reason) });
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    signal.removeEventListener('abort', onAbort);
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
