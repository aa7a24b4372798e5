import type { IncomingMessage, ServerResponse } from 'node:http';
import type net from 'node:net';
import { ServerRequest, type IncomingRequest } from '../../events/server-request.js';
import { pathOf } from './description.js';
import { FollowedExchange, type ExchangeOptions, type ExchangeSides } from './exchange.js';

/** The header by which a client finds the line and the trace of its request. */
export const REQUEST_ID = 'X-Request-Id';
/** The same as Node looks it up; it makes this of any other spelling whenever it is asked. */
export const REQUEST_ID_KEY = 'x-request-id';

/** What of a request decides whether it is claimed. */
export type RequestLine = Pick<IncomingMessage, 'method' | 'url'>;

/** What requests are followed with, whatever their protocol. */
export interface FollowerOptions extends ExchangeOptions {
  /** Request header, in lower case, that names the tenant when nobody else does. */
  readonly tenantHeader: string | undefined;
  /** The tenant whose key an `Authorization` header holds, in auth mode. */
  readonly tenantOf: ((authorization: string | undefined) => string | undefined) | undefined;
  /** Whether a request is answered in the host's place. */
  readonly claims: (server: net.Server, request: RequestLine) => boolean;
  /** Answers a request that is claimed. */
  readonly answer: (exchange: { request: IncomingMessage; response: ServerResponse }) => void;
  /** Told of each request before anybody handles it, where somebody wants to know. */
  readonly onReceived:
    ((received: { request: RequestLine; event: ServerRequest }) => void) | undefined;
}

/** A request that has arrived and is not followed yet. */
export interface Arrival extends ExchangeSides {
  /** Whether it is answered in the host's place. */
  readonly isClaimed: boolean;
  /** Describes it by the HTTP conventions. */
  describe(): IncomingRequest;
  /** It is followed from now on. */
  attach(exchange: FollowedExchange): void;
  /** Answers it in the host's place. */
  answer(): void;
}

/** What an event of a server hands over, where that is a request which nobody follows yet. */
export type Arrive = (
  server: net.Server,
  event: string,
  args: readonly unknown[],
) => Arrival | undefined;

const FOLLOWED = Symbol('agent-otel.exchange');
type Followed = object & { [FOLLOWED]?: FollowedExchange };

/** Keeps the exchange where the host's own objects lead to it. */
export function attach(responseOrStream: object, exchange: FollowedExchange): void {
  (responseOrStream as Followed)[FOLLOWED] = exchange;
}

/** The exchange that a response of HTTP/1.1 or a stream of HTTP/2 belongs to. */
export function exchangeOf(responseOrStream: object): FollowedExchange | undefined {
  return (responseOrStream as Followed)[FOLLOWED];
}

/** The same for what a framework calls its raw response: over HTTP/2 it has a stream. */
export function exchangeOfRaw(raw: unknown): FollowedExchange | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { stream } = raw as { stream?: object };
  return exchangeOf(raw) ?? (stream && exchangeOf(stream));
}

/** Begins to follow a request; undefined when that was not possible. */
export function follow(options: FollowerOptions, arrival: Arrival): FollowedExchange | undefined {
  const { runtime, tenantHeader, tenantOf, onReceived } = options;
  try {
    const event = new ServerRequest(runtime, arrival.describe());
    const named = tenantHeader === undefined ? undefined : arrival.header(tenantHeader);
    // A header says who asks, a key proves it.
    const tenant = tenantOf?.(arrival.header('authorization')) ?? named;
    if (tenant !== undefined) event.identify(tenant);
    // A documented path is its own template, and no rule is about it.
    if (arrival.isClaimed) event.matched(pathOf(arrival.target));
    const routes = arrival.isClaimed ? () => undefined : options.routes;
    const exchange = new FollowedExchange({ runtime, routes }, { event, sides: arrival });
    arrival.attach(exchange);
    onReceived?.({ request: { method: arrival.method, url: arrival.target }, event });
    return exchange;
  } catch (error) {
    runtime.reportOnce('http.begin', 'a request could not be followed', error);
    return undefined;
  }
}
