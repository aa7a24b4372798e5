import diagnosticsChannel from 'node:diagnostics_channel';
import { failureOfError } from '../../events/provider-failure.js';
import { guard, type Runtime } from '../../events/runtime.js';
import type { Attempt } from './attempt.js';
import type { ClientSource } from './client-source.js';
import { pathOf, type HeaderOf, type OutgoingRequest } from './outgoing-request.js';
import { beforeCall } from '../patch.js';

/** What is known of undici's own request object, which its channel hands out. */
interface UndiciRequest {
  readonly method: string;
  readonly path: string;
  readonly origin: unknown;
  /** Names and values in turn; in undici 5 one text of lines. */
  readonly headers: readonly unknown[] | string;
}

/**
 * Headers of a response: names and values in turn, as bytes; over HTTP/2 in newer versions
 * an object.
 */
type RawHeaders = readonly unknown[] | Readonly<Record<string, unknown>> | null | undefined;

/**
 * Follows undici, in the package and behind the global `fetch`. Its channel tells of each
 * request when it is made; on those that are model calls the methods that the dispatcher
 * calls with the request's and the response's bytes are observed (5 to 7: onHeaders, onData,
 * onComplete, onError; from 8 on onResponseStart and so on). Bodies are neither read nor
 * copied on the way to the host.
 */
export function followUndici({ runtime, mayBe, begin }: ClientSource): () => void {
  const onCreate = (message: unknown): void => {
    const { request } = message as { request: UndiciRequest };
    if (request.method !== 'POST' || !mayBe(pathOf(request.path))) return;
    guard(runtime, () => {
      const attempt = begin(describe(request));
      if (attempt !== undefined) observe(request, { runtime, attempt });
    });
  };
  diagnosticsChannel.subscribe('undici:request:create', onCreate);
  return () => {
    diagnosticsChannel.unsubscribe('undici:request:create', onCreate);
  };
}

function observe(
  request: UndiciRequest,
  { runtime, attempt }: { runtime: Runtime; attempt: Attempt },
): void {
  const on = (names: readonly string[], handle: (...args: never[]) => void): void => {
    for (const name of names) {
      beforeCall(request, name, (args) => {
        guard(runtime, () => {
          handle(...(args as never[]));
        });
      });
    }
  };
  on(['onBodySent'], (chunk: unknown) => {
    if (chunk instanceof Uint8Array) attempt.bodySent(chunk);
    else if (typeof chunk === 'string') attempt.bodySent(Buffer.from(chunk));
  });
  on(['onRequestSent'], () => {
    attempt.requestSent();
  });
  on(['onHeaders', 'onResponseStart'], (status: number, headers: RawHeaders) => {
    if (status >= 200) attempt.responded(status, headerOf(headers));
  });
  on(['onData', 'onResponseData'], (chunk: Uint8Array) => {
    attempt.received(chunk);
  });
  on(['onComplete', 'onResponseEnd'], () => {
    attempt.completed();
  });
  on(['onError', 'onResponseError'], (error: unknown) => {
    attempt.broke(failureOfError(error));
  });
}

function describe({ path, origin, headers }: UndiciRequest): OutgoingRequest {
  // To a proxy without a tunnel goes the whole URL.
  const { hostname, port, protocol } = new URL(/^https?:/.test(path) ? path : String(origin));
  return {
    host: hostname.toLowerCase(),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    path: pathOf(path),
    header: typeof headers === 'string' ? headerInLines(headers) : headerOf(headers),
  };
}

function headerOf(headers: RawHeaders): HeaderOf {
  return (name) => {
    if (!isList(headers)) return headers == null ? undefined : textOf(headers[name]);
    for (let i = 0; i < headers.length; i += 2) {
      if (textOf(headers[i])?.toLowerCase() === name) return textOf(headers[i + 1]);
    }
    return undefined;
  };
}

function headerInLines(lines: string): HeaderOf {
  return (name) =>
    lines
      .split('\r\n')
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return Array.isArray(value) ? textOf(value[0]) : undefined;
}

function isList(headers: RawHeaders): headers is readonly unknown[] {
  return Array.isArray(headers);
}
