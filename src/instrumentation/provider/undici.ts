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
      if (attempt !== undefined) observer.observe(request, listenerOf(attempt));
    });
  };
  subscribe('undici:request:create', onCreate);
  onAttachment({ target: 'fetch and undici', attached: true });
  return () => {
    unsubscribe('undici:request:create', onCreate);
    observer.stop();
  };
}

function listenerOf(attempt: Attempt): UndiciListener {
  return {
    bodySent(chunk: unknown) {
      if (chunk instanceof Uint8Array) attempt.bodySent(chunk);
      else if (typeof chunk === 'string') attempt.bodySent(Buffer.from(chunk));
    },
    requestSent() {
      attempt.requestSent();
    },
    headers(status: number, headers: RawHeaders) {
      if (status >= 200) attempt.responded(status, headerOf(headers));
    },
    data(chunk: Uint8Array) {
      attempt.received(chunk);
    },
    complete() {
      attempt.completed();
    },
    error(error: unknown) {
      attempt.broke(failureOfError(error));
    },
  };
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
