import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { ServerRequest } from '../events/server-request.js';
import type { Runtime } from '../events/runtime.js';
import { describeRequest } from './http-request.js';

/** What the instrumentation of HTTP servers is given. */
export interface HttpServerOptions {
  readonly runtime: Runtime;
  /** Request header, in lower case, that names the tenant when the host does not. */
  readonly tenantHeader: string | undefined;
  /** Answers a request in the host's place; true when it has. */
  readonly intercept: (exchange: Exchange) => boolean;
  /** Told of each request before anybody handles it. */
  readonly onReceived: (exchange: Exchange) => void;
  /** Told of the first `listen` of an HTTP server, after it was called. */
  readonly onFirstListen: () => void;
}

/** A request and its response, with the event that follows them. */
export interface Exchange {
  readonly server: net.Server;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly event: ServerRequest;
}

type Emit = (this: net.Server, event: string, ...args: unknown[]) => boolean;
type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/** `checkContinue` and `checkExpectation` stand in for `request`, which then never comes. */
const REQUEST_EVENTS = new Set(['request', 'checkContinue', 'checkExpectation']);
const REQUEST_ID = 'X-Request-Id';
const EVENT = Symbol('agent-otel.server-request');

type Followed = ServerResponse & { [EVENT]?: ServerRequest };

/**
 * Follows every request of every HTTP server in the process: its event from arrival to the
 * end of its response, and `X-Request-Id` on the way out. The request and the response
 * themselves are the host's own objects, untouched. Returns what undoes it all.
 */
export function instrumentHttpServers(options: HttpServerOptions): () => void {
  const restores = [
    patchEmit(http.Server.prototype, options),
    patchEmit(https.Server.prototype, options),
    patchWriteHead(),
    patchListen(options),
  ];
  return () => {
    for (const restore of restores) restore();
  };
}

function patchEmit(prototype: object, options: HttpServerOptions): () => void {
  const target = prototype as { emit: Emit };
  const inherited = target.emit;
  const emit: Emit = function (event, ...args) {
    const [, response] = args;
    if (!REQUEST_EVENTS.has(event) || !isResponse(response) || EVENT in response) {
      return inherited.call(this, event, ...args);
    }
    const exchange = begin(options, {
      server: this,
      request: args[0] as IncomingMessage,
      response,
    });
    const next = (): boolean => inherited.call(this, event, ...args);
    if (exchange === undefined) return next();
    return exchange.event.handle(() => intercepted(options, exchange) || next());
  };
  target.emit = emit;
  return () => {
    // Somebody may have wrapped ours meanwhile; then it stays, and follows nothing new.
    if (target.emit === emit) target.emit = inherited;
  };
}

/** Anybody may emit an event of that name with anything. */
function isResponse(value: unknown): value is Followed {
  return value instanceof http.ServerResponse;
}

function begin(
  { runtime, tenantHeader, onReceived }: HttpServerOptions,
  { server, request, response }: Omit<Exchange, 'event'>,
): Exchange | undefined {
  try {
    const event = new ServerRequest(runtime, describeRequest(request));
    (response as Followed)[EVENT] = event;
    const tenant = tenantHeader === undefined ? undefined : request.headers[tenantHeader];
    if (typeof tenant === 'string') event.identify(tenant);
    response.once('close', () => {
      endWith(runtime, { event, response });
    });
    const exchange = { server, request, response, event };
    onReceived(exchange);
    return exchange;
  } catch (error) {
    runtime.reportOnce('http.begin', 'a request could not be followed', error);
    return undefined;
  }
}

function intercepted({ runtime, intercept }: HttpServerOptions, exchange: Exchange): boolean {
  try {
    return intercept(exchange);
  } catch (error) {
    runtime.reportOnce('inline', 'a documented path could not be served', error);
    return false;
  }
}

/** `close` comes last, after `finish` or instead of it when the client has gone. */
function endWith(
  runtime: Runtime,
  { event, response }: { event: ServerRequest; response: ServerResponse },
): void {
  try {
    event.end({
      status: response.headersSent ? response.statusCode : undefined,
      aborted: !response.writableFinished,
    });
  } catch (error) {
    runtime.reportOnce('http.end', 'a request could not be ended', error);
  }
}

/** The header is set at the last moment: hosts see, copy and clear only headers of their own. */
function patchWriteHead(): () => void {
  const target = http.ServerResponse.prototype as unknown as { writeHead: WriteHead };
  const original = target.writeHead;
  const writeHead: WriteHead = function (...args) {
    const event = (this as Followed)[EVENT];
    if (event !== undefined && !this.headersSent) {
      const own = requestIdIn(args) ?? this.getHeader(REQUEST_ID);
      if (own === undefined) this.setHeader(REQUEST_ID, event.id);
      else event.answerAs(own);
    }
    return original.apply(this, args);
  };
  target.writeHead = writeHead;
  return () => {
    if (target.writeHead === writeHead) target.writeHead = original;
  };
}

/** The request id among the headers given to `writeHead(status, reason?, headers?)`. */
function requestIdIn(args: readonly unknown[]): unknown {
  const headers = typeof args[1] === 'string' ? args[2] : (args[2] ?? args[1]);
  if (typeof headers !== 'object' || headers === null) return undefined;
  return entriesOf(headers).find(
    ([name]) => typeof name === 'string' && name.toLowerCase() === 'x-request-id',
  )?.[1];
}

/** Headers are an object, an array of pairs, or an array of names and values in turn. */
function entriesOf(headers: object): readonly (readonly unknown[])[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  const list: readonly unknown[] = headers;
  if (Array.isArray(list[0])) return list as readonly unknown[][];
  return list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]]] : []));
}

function patchListen({ runtime, onFirstListen }: HttpServerOptions): () => void {
  const target = net.Server.prototype as unknown as { listen: (...args: unknown[]) => net.Server };
  const original = target.listen;
  const restore = (): void => {
    if (target.listen === listen) target.listen = original;
  };
  const listen = function (this: net.Server, ...args: unknown[]): net.Server {
    const server = original.apply(this, args);
    // Supervisors and loaders talk to their children over servers that are no HTTP servers.
    if (!(this instanceof http.Server || this instanceof https.Server)) return server;
    restore();
    try {
      onFirstListen();
    } catch (error) {
      runtime.reportOnce('listen', 'telemetry could not be started', error);
    }
    return server;
  };
  target.listen = listen;
  return restore;
}
