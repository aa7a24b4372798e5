import { createContextKey, trace, type Context, type Span } from '@opentelemetry/api';
import { RPC_METADATA, setRpcMetadata, type RpcMetadata } from './rpc-metadata.js';

/** Registered, like the runtime's slot: the preload sets it and a host's import reads it. */
export const SERVER_REQUEST = createContextKey('agent-otel.server-request');

/** The API's own key for the active span: a registered symbol that it does not export. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');

/** What a request puts into the context that it is handled in. */
export interface RequestValues {
  readonly span: Span;
  readonly metadata: RpcMetadata;
  readonly request: object;
}

/**
 * The context of a request: its span, its RPC metadata and its event, on top of what came with
 * the request. The stock context copies a Map for each of the three at every request; this one
 * holds them, and becomes a stock context for whoever adds to it.
 */
export class RequestContext implements Context {
  readonly #outer: Context;
  readonly #span: Span;
  readonly #metadata: RpcMetadata;
  readonly #request: object;

  constructor(outer: Context, { span, metadata, request }: RequestValues) {
    this.#outer = outer;
    this.#span = span;
    this.#metadata = metadata;
    this.#request = request;
  }

  getValue(key: symbol): unknown {
    if (key === SERVER_REQUEST) return this.#request;
    if (key === SPAN) return this.#span;
    if (key === RPC_METADATA) return this.#metadata;
    return this.#outer.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#stock().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#stock().deleteValue(key);
  }

  #stock(): Context {
    const context = setRpcMetadata(trace.setSpan(this.#outer, this.#span), this.#metadata);
    return context.setValue(SERVER_REQUEST, this.#request);
  }
}
