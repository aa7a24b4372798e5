import { isNamed, type HeaderOf } from './headers.js';
import { viewOf } from './bytes.js';
import { beforeCall } from './patch.js';
import { remembering } from './remembering.js';

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

/** Told of what the dispatcher tells a request. */
export type UndiciListener = {
  readonly [event in keyof typeof METHODS]?: (...args: never[]) => void;
};

/**
 * Observes the methods that the dispatcher calls with a request's and its response's bytes.
 * Bodies are neither read nor copied on the way to the host. A copy of undici has one class of
 * requests, which is patched at the first one that is observed; what a listener throws goes to
 * `report`.
 */
export class UndiciObserver {
  readonly #listener = Symbol('agent-otel.listener');
  readonly #patched = new Map<object, readonly (() => void)[]>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  observe(request: UndiciRequest, listener: UndiciListener): void {
    const prototype = Object.getPrototypeOf(request) as object;
    if (!this.#patched.has(prototype)) this.#patched.set(prototype, this.#patch(prototype));
    (request as object as Observed)[this.#listener] = listener;
  }

  /** Undoes it all. */
  stop(): void {
    for (const restores of this.#patched.values()) for (const restore of restores) restore();
    this.#patched.clear();
  }

  #patch(prototype: object): (() => void)[] {
    return Object.entries(METHODS).flatMap(([event, names]) =>
      names.map((name) =>
        beforeCall(prototype, name, (args, request) => {
          const listener = (request as Observed)[this.#listener];
          const tell = listener?.[event as keyof UndiciListener];
          if (tell === undefined) return;
          try {
            Reflect.apply(tell, listener, args);
          } catch (error) {
            this.#report(error);
          }
        }),
      ),
    );
  }
}

type Observed = object & Record<symbol, UndiciListener | undefined>;

/** Where a request goes, which to a proxy without a tunnel is a whole URL. */
export function urlOf({ path, origin }: UndiciRequest): URL {
  return /^https?:/.test(path) ? new URL(path) : originOf(String(origin));
}

const originOf = remembering((origin) => new URL(origin));

export function headerOf(headers: RawHeaders | string): HeaderOf {
  if (typeof headers === 'string') return headerInLines(headers);
  if (!isList(headers)) return (name) => textOf(headers?.[name]);
  return (name) => {
    for (let i = 0; i < headers.length; i += 2) {
      if (isNamed(headers[i], name)) return textOf(headers[i + 1]);
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
  if (value instanceof Uint8Array) return viewOf(value).toString('latin1');
  return Array.isArray(value) ? textOf(value[0]) : undefined;
}

function isList(headers: RawHeaders): headers is readonly unknown[] {
  return Array.isArray(headers);
}
