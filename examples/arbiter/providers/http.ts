import { setTimeout as sleep } from 'node:timers/promises';
import { provider } from 'agent-otel';

const MAX_RETRIES = 2;
const BACKOFF_MS = 100;
const MAX_WAIT_MS = 8_000;

/** The provider answered with an error status, on the last attempt too. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly status: number;

  constructor(status: number) {
    super(`the provider answered ${status}`);
    this.status = status;
  }
}

/** Posts JSON and returns the body of a good answer; retries as the official packages do. */
export async function postJson(
  url: string,
  options: { readonly body: object; readonly signal: AbortSignal },
): Promise<ReadableStream<Uint8Array>> {
  const { signal } = options;
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(options.body), signal };
  for (let retries = 0; ; retries++) {
    const answer = await provider
      .attempt(() => fetch(url, init))
      .catch((error: unknown) => ({ ok: false as const, error }));
    if (answer.ok) return answer.body ?? new Blob([]).stream();

    const mayRetry = 'error' in answer ? !signal.aborted : isTransient(answer.status);
    // An unread body would keep its connection.
    if (!('error' in answer)) await answer.body?.cancel();
    if (!mayRetry || retries === MAX_RETRIES) {
      throw 'error' in answer ? answer.error : new UpstreamError(answer.status);
    }
    const asked = 'error' in answer ? undefined : retryAfterMs(answer.headers);
    await sleep(Math.min(asked ?? BACKOFF_MS * 2 ** retries, MAX_WAIT_MS), undefined, { signal });
  }
}

/** The lines of a body, without their ends. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function isTransient(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** `Retry-After` is a number of seconds or a date. */
function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(waitMs, 0);
}
