import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { failureOfError } from '../../events/provider-failure.js';
import { guard, reportFailure } from '../../events/runtime.js';
import {
  headerOf,
  UndiciObserver,
  urlOf,
  type RawHeaders,
  type UndiciListener,
  type UndiciRequest,
} from '../undici-request.js';
import type { Attempt } from './attempt.js';
import type { ClientSource } from './client-source.js';
import { pathOf, type OutgoingRequest } from './outgoing-request.js';

/**
 * Follows undici, in the package and behind the global `fetch`. Its channel tells of each
 * request when it is made; those that are model calls are observed.
 */
export function followUndici({ runtime, mayBe, begin, onAttachment }: ClientSource): () => void {
  const observer = new UndiciObserver((error) => {
    reportFailure(runtime, error);
  });
  const onCreate = (message: unknown): void => {
    const { request } = message as { request: UndiciRequest };
    if (request.method !== 'POST' || !mayBe(pathOf(request.path))) return;
    guard(runtime, () => {
      const attempt = begin(describe(request));
      if (attempt !== undefined) observer.observe(request, new AttemptListener(attempt));
    });
  };
  subscribe('undici:request:create', onCreate);
  onAttachment({ target: 'fetch and undici', attached: true });
  return () => {
    unsubscribe('undici:request:create', onCreate);
    observer.stop();
  };
}

/** Tells an attempt what the dispatcher tells its request. */
class AttemptListener implements UndiciListener {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  bodySent(chunk: unknown): void {
    if (chunk instanceof Uint8Array) this.#attempt.bodySent(chunk);
    else if (typeof chunk === 'string') this.#attempt.bodySent(Buffer.from(chunk));
  }

  requestSent(): void {
    this.#attempt.requestSent();
  }

  headers(status: number, headers: RawHeaders): void {
    if (status >= 200) this.#attempt.responded(status, headerOf(headers));
  }

  data(chunk: Uint8Array): void {
    this.#attempt.received(chunk);
  }

  complete(): void {
    this.#attempt.completed();
  }

  error(error: unknown): void {
    this.#attempt.broke(failureOfError(error));
  }
}

function describe(request: UndiciRequest): OutgoingRequest {
  const { hostname, port, protocol, pathname } = urlOf(request);
  return {
    host: hostname.toLowerCase(),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    path: request.path.startsWith('/') ? pathOf(request.path) : pathname,
    header: headerOf(request.headers),
  };
}
