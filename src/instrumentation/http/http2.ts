import type { IncomingMessage, ServerResponse } from 'node:http';
import type http2 from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type net from 'node:net';
import type { ResponseEnd } from '../../events/server-request.js';
import { lazyRequire } from '../../lazy-require.js';
import type { IncomingBody } from './body/request-body.js';
import type { BodyTarget } from './body/tap.js';
import { describeStream } from './description.js';
import type { FollowedExchange } from './exchange.js';
import {
  attach,
  exchangeOf,
  REQUEST_ID_KEY,
  type Arrival,
  type Arrive,
  type FollowerOptions,
} from './follower.js';
import { headerIn, headerText, isHeaders, withHeader } from './headers.js';
import { endOfStream } from './response-end.js';

/** Where each function that sends the headers of a response takes them. */
const RESPONDERS = { respond: 0, respondWithFD: 1, respondWithFile: 1 } as const;
type Respond = (this: ServerHttp2Stream, ...args: unknown[]) => unknown;
type Responders = Record<keyof typeof RESPONDERS, Respond>;

/**
 * What arrives over HTTP/2: streams, which the compatible API's requests are made from. The
 * class of streams is not exported, so it is patched when the first one comes.
 */
export function createHttp2Arrive(options: FollowerOptions): {
  readonly arrive: Arrive;
  readonly restore: () => void;
} {
  let restore: (() => void) | undefined;
  return {
    arrive(server, event, args) {
      if (event !== 'stream') return undefined;
      const [stream, headers] = args;
      if (!isStream(stream) || !isRequest(headers) || exchangeOf(stream) !== undefined) {
        return undefined;
      }
      restore ??= patchResponders(Object.getPrototypeOf(stream) as Responders);
      return new Http2Arrival(options, { server, stream, headers });
    },
    restore: () => restore?.(),
  };
}

/** Anybody may emit an event of that name with anything. */
function isStream(value: unknown): value is ServerHttp2Stream {
  return typeof (value as Partial<ServerHttp2Stream> | undefined)?.respond === 'function';
}

/** A tunnel is no request, as over HTTP/1.1. */
function isRequest(headers: unknown): headers is IncomingHttpHeaders {
  return isHeaders(headers) && headerIn(headers, ':method') !== 'CONNECT';
}

class Http2Arrival implements Arrival {
  readonly isClaimed: boolean;
  readonly method: string;
  readonly target: string;
  readonly #options: FollowerOptions;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;

  constructor(
    options: FollowerOptions,
    {
      server,
      stream,
      headers,
    }: { server: net.Server; stream: ServerHttp2Stream; headers: IncomingHttpHeaders },
  ) {
    this.#options = options;
    this.#stream = stream;
    this.#headers = headers;
    this.method = headers[':method'] ?? '';
    this.target = headers[':path'] ?? '';
    this.isClaimed = options.claims(server, { method: this.method, url: this.target });
  }

  get incoming(): IncomingBody {
    return this.#stream as unknown as IncomingBody;
  }

  get body(): BodyTarget {
    return this.#stream as unknown as BodyTarget;
  }

  header(name: string): string | undefined {
    return headerText(this.#headers[name]);
  }

  isComplete(): boolean {
    return this.#stream.readableEnded || this.#stream.endAfterHeaders;
  }

  /** The frameworks that serve HTTP/2 name their routes themselves. */
  matchedRoute(): undefined {
    return undefined;
  }

  describe(): ReturnType<typeof describeStream> {
    return describeStream(this.#stream, this.#headers, this.#options.runtime.tracing());
  }

  attach(exchange: FollowedExchange): void {
    attach(this.#stream, exchange);
    this.#stream.once('close', () => {
      exchange.closed();
    });
  }

  end(): ResponseEnd {
    return endOfStream(this.#stream);
  }

  answer(): void {
    const { Http2ServerRequest, Http2ServerResponse } = lazyRequire(
      'node:http2',
    ) as unknown as CompatibleApi;
    this.#options.answer({
      request: new Http2ServerRequest(this.#stream, this.#headers, {}, []),
      response: new Http2ServerResponse(this.#stream, {}),
    });
  }
}

/** The compatible API, by which whoever answers HTTP/1.1 answers HTTP/2 as well. */
interface CompatibleApi {
  readonly Http2ServerRequest: new (
    ...args: ConstructorParameters<typeof http2.Http2ServerRequest>
  ) => IncomingMessage;
  readonly Http2ServerResponse: new (stream: ServerHttp2Stream, options: object) => ServerResponse;
}

function patchResponders(prototype: Responders): () => void {
  const restores = Object.entries(RESPONDERS).map(([name, at]) =>
    patchResponder(prototype, { name: name as keyof Responders, at }),
  );
  return () => {
    for (const restore of restores) restore();
  };
}

function patchResponder(
  prototype: Responders,
  { name, at }: { name: keyof Responders; at: number },
): () => void {
  const original = prototype[name];
  const respond: Respond = function (...args) {
    const exchange = exchangeOf(this);
    if (exchange === undefined || this.headersSent) return original.apply(this, args);
    const headers = args[at];
    const own = headerIn(headers, REQUEST_ID_KEY);
    if (own !== undefined) exchange.event.answerAs(own);
    else if (headers == null || isHeaders(headers)) {
      args[at] = withHeader(headers ?? {}, REQUEST_ID_KEY, exchange.event.id);
    }
    const result = original.apply(this, args);
    exchange.headersSent({
      status: Number(headerIn(headers, ':status') ?? 200),
      header: (header) => headerText(headerIn(headers, header)),
    });
    return result;
  };
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(respond, property, { value: original[property], configurable: true });
  }
  prototype[name] = respond;
  return () => {
    if (prototype[name] === respond) prototype[name] = original;
  };
}
