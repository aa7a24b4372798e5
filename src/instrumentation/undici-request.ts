import type { HeaderOf } from './headers.js';
import { beforeCall } from './patch.js';

/** What is known of undici's own request object, which its channel hands out. */
export interface UndiciRequest {
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
export type RawHeaders = readonly unknown[] | Readonly<Record<string, unknown>> | null | undefined;

/** What the dispatcher tells a request, as undici 5 to 7 name it and as 8 does. */
const METHODS = {
  bodySent: ['onBodySent'],
  requestSent: ['onRequestSent'],
  headers: ['onHeaders', 'onResponseStart'],
  upgrade: ['onUpgrade', 'onRequestUpgrade'],
  data: ['onData', 'onResponseData'],
  complete: ['onComplete', 'onResponseEnd'],
  error: ['onError', 'onResponseError'],
} as const;

/** Told of what the dispatcher tells a request. It must not throw. */
export type UndiciListener = {
  readonly [event in keyof typeof METHODS]?: (...args: never[]) => void;
};

/**
 * Observes the methods that the dispatcher calls with the request's and the response's bytes.
 * Bodies are neither read nor copied on the way to the host.
 */
export function observeUndici(request: UndiciRequest, listener: UndiciListener): void {
  for (const [event, tell] of Object.entries(listener)) {
    for (const name of METHODS[event as keyof typeof METHODS]) {
      beforeCall(request, name, (args) => {
        tell(...(args as never[]));
      });
    }
  }
}

/** Where a request goes, which to a proxy without a tunnel is a whole URL. */
export function urlOf({ path, origin }: UndiciRequest): URL {
  return new URL(/^https?:/.test(path) ? path : String(origin));
}

export function headerOf(headers: RawHeaders | string): HeaderOf {
  if (typeof headers === 'string') return headerInLines(headers);
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
