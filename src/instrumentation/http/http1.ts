import { ServerResponse, type IncomingMessage } from 'node:http';
import type net from 'node:net';
import type { IncomingBody } from './body/request-body.js';
import type { ResponseEnd } from '../../events/server-request.js';
import { replaceMethod } from '../patch.js';
import type { BodyTarget } from './body/tap.js';
import { describeRequest } from './description.js';
import type { FollowedExchange } from './exchange.js';
import {
  attach,
  exchangeOf,
  REQUEST_ID,
  REQUEST_ID_KEY,
  type Arrival,
  type Arrive,
  type FollowerOptions,
} from './follower.js';
import { headerIn, headerText, isHeaders, listWithHeader } from './headers.js';
import { endOfResponse } from './response-end.js';
import { matchedRoute } from './routes/matched-route.js';

/** `checkContinue` and `checkExpectation` stand in for `request`, which then never comes. */
function isRequestEvent(event: string): boolean {
  return event === 'request' || event === 'checkContinue' || event === 'checkExpectation';
}

/** What arrives over HTTP/1.1. The request and the response stay the host's own objects. */
export function createHttp1Arrive(options: FollowerOptions): Arrive {
  return (server, event, args) => {
    if (!isRequestEvent(event)) return undefined;
    const [request, response] = args;
    if (!isResponse(response) || exchangeOf(response) !== undefined) return undefined;
    return new Http1Arrival(options, { server, request: request as IncomingMessage, response });
  };
}

/** Anybody may emit an event of that name with anything. */
function isResponse(value: unknown): value is ServerResponse {
  return value instanceof ServerResponse;
}

class Http1Arrival implements Arrival {
  readonly isClaimed: boolean;
  readonly #options: FollowerOptions;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(
    options: FollowerOptions,
    {
      server,
      request,
      response,
    }: { server: net.Server; request: IncomingMessage; response: ServerResponse },
  ) {
    this.#options = options;
    this.#request = request;
    this.#response = response;
    this.isClaimed = options.claims(server, request);
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
  }

  get incoming(): IncomingBody {
    return this.#request as unknown as IncomingBody;
  }

  get body(): BodyTarget {
    return this.#response as unknown as BodyTarget;
  }

  header(name: string): string | undefined {
    return headerText(this.#request.headers[name]);
  }

  isComplete(): boolean {
    return this.#request.complete;
  }

  matchedRoute(): string | undefined {
    return matchedRoute(this.#request, this.#response);
  }

  describe(): ReturnType<typeof describeRequest> {
    return describeRequest(this.#request, this.#options.runtime.tracing());
  }

  attach(exchange: FollowedExchange): void {
    attach(this.#response, exchange);
  }

  end(): ResponseEnd {
    // The response itself has no socket any more.
    return endOfResponse(this.#response, this.#request.socket);
  }

  answer(): void {
    this.#options.answer({ request: this.#request, response: this.#response });
  }
}

/**
 * The end of a response is seen as it is emitted. A listener of ours would go when a host
 * removes its own, and would be looked for, added and called at every response.
 */
export function patchResponseEmit(): () => void {
  return replaceMethod(
    ServerResponse.prototype,
    'emit',
    (original) =>
      function (event, ...args) {
        // It comes last, after `finish` or instead of it.
        if (event === 'close') exchangeOf(this as ServerResponse)?.closed();
        return original.call(this, event, ...args);
      },
  );
}

type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/** The header is set at the last moment: hosts see, copy and clear only headers of their own. */
export function patchWriteHead(): () => void {
  const target = ServerResponse.prototype as unknown as { writeHead: WriteHead };
  const original = target.writeHead;
  const writeHead: WriteHead = function (...args) {
    const exchange = exchangeOf(this);
    if (exchange === undefined || this.headersSent) return original.apply(this, args);
    // writeHead(status, headers) and writeHead(status, reason, headers)
    const at = typeof args[1] === 'string' || args[2] != null ? 2 : 1;
    const headers = args[at];
    const own = headerIn(headers, REQUEST_ID_KEY) ?? this.getHeader(REQUEST_ID_KEY);
    if (own !== undefined) exchange.event.answerAs(own);
    // Node writes headers given here as they are, unless others were set before: then it
    // merges them. One that we set would make it merge where it would not have.
    else if (isHeaders(headers) && this.getHeaderNames().length === 0) {
      args[at] = listWithHeader(headers, REQUEST_ID, exchange.event.id);
    } else this.setHeader(REQUEST_ID, exchange.event.id);
    const result = original.apply(this, args);
    exchange.headersSent({
      status: this.statusCode,
      header: (name) => headerText(headerIn(headers, name) ?? this.getHeader(name)),
    });
    return result;
  };
  target.writeHead = writeHead;
  return () => {
    if (target.writeHead === writeHead) target.writeHead = original;
  };
}
