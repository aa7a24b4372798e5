import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { ServerRequest } from '../events/server-request.js';
import type { Runtime } from '../events/runtime.js';
import { describeRequest } from './http-request.js';
import { isHeaders, REQUEST_ID, requestIdIn, withRequestId } from './request-id.js';

/** What the instrumentation of HTTP servers is given. */
export interface HttpServerOptions {
  readonly runtime: Runtime;
  /** Request header, in lower case, that names the tenant when the host does not. */
  readonly tenantHeader: string | undefined;
  /** Whether a request is answered in the host's place. */
  readonly claims: (server: net.Server, request: IncomingMessage) => boolean;
  /** Answers a request that is claimed. */
  readonly answer: (exchange: Exchange) => void;
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
  // Whoever has wrapped `emit` before us makes its server span inside of our wrapper, where
  // only a listener can see it.
  const wrappedBefore = Object.hasOwn(prototype, 'emit');
  const inherited = target.emit;
  const emit: Emit = function (event, ...args) {
    const [request, response] = args;
    if (!REQUEST_EVENTS.has(event) || !isResponse(response) || EVENT in response) {
      return inherited.call(this, event, ...args);
    }
    const arriving = { server: this, request: request as IncomingMessage, response };
    const claimed = options.claims(this, arriving.request);
    if (wrappedBefore && !claimed) {
      followInListener(options, { server: this, event });
      return inherited.call(this, event, ...args);
    }
    const exchange = begin(options, arriving);
    const next = (): boolean => inherited.call(this, event, ...args);
    if (exchange === undefined) return next();
    return exchange.event.handle(() => (claimed && answered(options, exchange)) || next());
  };
  target.emit = emit;
  return () => {
    // Somebody may have wrapped ours meanwhile; then it stays, and follows nothing new.
    if (target.emit === emit) target.emit = inherited;
  };
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
/** Our listeners, by server and event: each is added once, and stands before the host's. */
const listeners = new WeakMap<net.Server, Map<string, Listener>>();

function followInListener(
  options: HttpServerOptions,
  { server, event }: { server: net.Server; event: string },
): void {
  const own = listeners.get(server) ?? new Map<string, Listener>();
  listeners.set(server, own);
  if (own.has(event)) return;
  const listener: Listener = (request, response) => {
    if (!(EVENT in response)) begin(options, { server, request, response });
  };
  own.set(event, listener);
  server.prependListener(event, listener);
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

function answered({ runtime, answer }: HttpServerOptions, exchange: Exchange): boolean {
  try {
    answer(exchange);
    return true;
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
    if (event === undefined || this.headersSent) return original.apply(this, args);
    // writeHead(status, headers) and writeHead(status, reason, headers)
    const at = typeof args[1] === 'string' || args[2] != null ? 2 : 1;
    const headers = args[at];
    const own = requestIdIn(headers) ?? this.getHeader(REQUEST_ID);
    if (own !== undefined) event.answerAs(own);
    // Node writes headers given here as they are, unless others were set before: then it
    // merges them. One that we set would make it merge where it would not have.
    else if (isHeaders(headers) && this.getHeaderNames().length === 0) {
      args[at] = withRequestId(headers, event.id);
    } else this.setHeader(REQUEST_ID, event.id);
    return original.apply(this, args);
  };
  target.writeHead = writeHead;
  return () => {
    if (target.writeHead === writeHead) target.writeHead = original;
  };
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
