import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_REQUEST_ABORTED,
  ATTR_REQUEST_ID,
  ATTR_TENANT_ID,
} from '../catalog/attributes.js';
import type { ExecResult, ResponseOutcome } from '../catalog/vocabulary.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { Callbacks, NOTHING_TO_UNDO } from './callbacks.js';
import { inSession } from './context.js';
import { ResponseStream } from './response-stream.js';
import { RequestContext, SERVER_REQUEST } from './request-context.js';
import { EVENT, getRpcMetadata, type RpcMetadata } from './rpc-metadata.js';
import type { RequestHeaders, Runtime } from './runtime.js';
import { takesDetails } from './span-details.js';

/** An incoming request as an instrumentation saw it arrive. */
export interface IncomingRequest {
  /** The method, `_OTHER` when the HTTP conventions do not know it. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Attributes of the server span: what its line tells of its arrival. */
  readonly attributes: Attributes;
  /** Adds the others, where the span is exported. */
  readonly details: (attributes: Attributes) => void;
  /** May carry the context of a remote parent. */
  readonly headers: RequestHeaders;
}

/** How the response of an incoming request ended. */
export interface ResponseEnd {
  /** The status that was sent, or undefined when none was. */
  readonly status: number | undefined;
  readonly outcome: ResponseOutcome;
}

/** Something that runs as an execution or as a part of one. */
export interface ExecPart {
  readonly span: Span;
  truncated(): void;
  /** Its work is over, and `end` will say how. */
  stop(): void;
  end(result: ExecResult): void;
}

/** An execution that a request is as a whole. */
export interface WholeExec {
  /** Whether what is started for the request is a part of it. */
  readonly isOpen: boolean;
  part(options: { readonly sandbox?: string }): ExecPart;
}

/**
 * One HTTP request that the server is handling: its span, and what the events inside it
 * find by async context. Ended by the instrumentation, once.
 */
export class ServerRequest {
  readonly span: Span;
  /** When it arrived, on the runtime's monotonic clock. */
  readonly startedAt: number;
  /** What it is as a whole, where a rule says that it is one execution. */
  execution: WholeExec | undefined;
  #tenant: string | undefined;
  readonly #runtime: Runtime;
  readonly #incoming: IncomingRequest;
  readonly #metadata: RpcMetadata;
  /** What the request came with, to which it adds itself. */
  #outer: Context;
  readonly #isAdopted: boolean;
  #stream: ResponseStream | undefined;
  #startedSandbox = false;
  #onWork: (() => void) | undefined;
  #onAbort: Callbacks | undefined;
  #onEnd: Callbacks | undefined;
  #ended: ResponseOutcome | undefined;

  constructor(runtime: Runtime, incoming: IncomingRequest) {
    this.#runtime = runtime;
    this.#incoming = incoming;
    this.startedAt = runtime.now();
    const tracing = runtime.tracing();
    const active = tracing.active();
    // A context that holds a request of ours is an old one, which a server that was made
    // inside that request carries along; its metadata says nothing about this request.
    const outer =
      active.getValue(SERVER_REQUEST) === undefined ? getRpcMetadata(active) : undefined;
    const name = incoming.method === '_OTHER' ? 'HTTP' : incoming.method;
    const kind = SpanKind.SERVER;
    const { attributes, details } = incoming;
    if (outer === undefined) {
      const parent = tracing.extract(incoming.headers);
      this.span = tracing.startSpan(name, { kind, attributes, details, parent });
      this.#metadata = { type: 'http', span: this.span };
      this.#outer = parent;
    } else {
      // The host's own instrumentation has made the server span: there is no second one.
      this.span = tracing.adoptSpan(outer.span, { name, kind, attributes, details });
      this.#metadata = outer;
      outer[EVENT] = this;
      this.#outer = active;
    }
    this.#isAdopted = outer !== undefined;
  }

  /** 16 hex digits: the span id names one request, a trace id may name hundreds. */
  get id(): string {
    return this.span.spanContext().spanId;
  }

  get tenant(): string | undefined {
    return this.#tenant;
  }

  /** The matched route as a template, as far as somebody knows it by now. */
  get route(): string | undefined {
    return this.#metadata.route;
  }

  /** The context that its handler runs in. */
  get context(): Context {
    return this.#isAdopted
      ? this.#outer.setValue(SERVER_REQUEST, this)
      : new RequestContext(this.#outer, {
          span: this.span,
          metadata: this.#metadata,
          request: this,
        });
  }

  /** Sets who is asking, for the access line and for events that name no tenant. */
  identify(tenant: string): void {
    const named = toLabelValue(tenant);
    if (named !== ABSENT) this.belongToTenant(named);
  }

  /** The same for a tenant that is a label value already. */
  belongToTenant(tenant: string): void {
    this.#tenant = tenant;
    this.span.setAttribute(ATTR_TENANT_ID, tenant);
  }

  /** A route matched, as a template; one that is known already stays. */
  matched(route: string | undefined): void {
    if (route !== undefined) this.#metadata.route ??= route;
  }

  /** It belongs to a session: so does what happens while it is handled. */
  belongTo(sessionId: string): void {
    this.#outer = inSession(this.#outer, sessionId);
  }

  /** Calls `fn`, the host's handler, in the context of this request. */
  handle<T>(fn: () => T): T {
    return this.#runtime.tracing().with(this.context, fn);
  }

  /** The host sends a request id of its own: it is the line's; the span keeps its id. */
  answerAs(requestId: unknown): void {
    const sent = toLabelValue(requestId);
    if (sent !== this.id) this.span.setAttribute(ATTR_REQUEST_ID, sent);
  }

  /** Whether a sandbox was started for it. */
  get startedSandbox(): boolean {
    return this.#startedSandbox;
  }

  /** An execution or a provider is at work for it. */
  workBegan(): void {
    this.#onWork?.();
  }

  /** A sandbox is being started for it. */
  sandboxBegan(): void {
    this.#startedSandbox = true;
    this.workBegan();
  }

  /** Calls back whenever work for it begins. */
  onWork(callback: () => void): void {
    this.#onWork = callback;
  }

  /** Its headers are on their way, and what follows them is a stream. */
  streamStarted(): void {
    this.#stream ??= new ResponseStream(this.#runtime, this);
  }

  /**
   * Calls back if the client leaves before the response is complete, at once if it has left
   * already; returns the undo.
   */
  onAbort(callback: () => void): () => void {
    if (!this.isAborted) return (this.#onAbort ??= new Callbacks()).add(callback);
    callback();
    return NOTHING_TO_UNDO;
  }

  /** Whether its response is over. What it has started may still run in its context. */
  get isOver(): boolean {
    return this.#ended !== undefined;
  }

  /** Whether the client left before the response was complete. */
  get isAborted(): boolean {
    return this.#ended === 'aborted';
  }

  /** Calls back when it has ended, however it did, at once if it has already; returns the undo. */
  onEnd(callback: () => void): () => void {
    if (!this.isOver) return (this.#onEnd ??= new Callbacks()).add(callback);
    callback();
    return NOTHING_TO_UNDO;
  }

  /** Ends the span and counts the request. A second end does nothing. */
  end({ status, outcome }: ResponseEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = outcome;
    if (outcome === 'aborted') this.#onAbort?.call();
    this.#stream?.end(outcome);
    this.#onEnd?.call();
    const error = errorTypeOf({ status, outcome });
    this.#count(status, error);
    const { span, route } = this;
    if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (outcome === 'aborted') span.setAttribute(ATTR_REQUEST_ABORTED, true);
    if (route !== undefined && takesDetails(span)) {
      span.setAttribute(ATTR_HTTP_ROUTE, route);
      span.updateName(`${this.#incoming.method} ${route}`);
    }
    if (error !== ABSENT) {
      span.setAttribute(ATTR_ERROR_TYPE, error);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }

  /**
   * Streams live for minutes. With them the duration would tell how long answers are and no
   * longer how fast the server is, so a stream counts here until its headers; its lifetime is
   * a measurement of its own.
   */
  #count(status: number | undefined, error: string): void {
    const { httpServerDuration } = this.#runtime.ledger.tables;
    const row = httpServerDuration.row(
      this.#incoming.method,
      this.#incoming.scheme,
      this.route ?? ABSENT,
      status === undefined ? ABSENT : String(status),
      error,
    );
    const endedAt = this.#stream?.startedAt ?? this.#runtime.now();
    httpServerDuration.record(row, endedAt - this.startedAt);
  }
}

/** The statuses that the HTTP conventions count as errors of a server, and answers cut short. */
function errorTypeOf({ status, outcome }: ResponseEnd): string {
  if (status !== undefined && status >= 500) return String(status);
  return outcome === 'failed' ? 'incomplete' : ABSENT;
}

/** The request that the current async context handles, if any. */
export function currentServerRequest(runtime: Runtime): ServerRequest | undefined {
  // To ask must not be what settles whose SDK it is: a host may start children before that.
  if (!runtime.isSettled()) return undefined;
  const active = runtime.tracing().active();
  if (active === ROOT_CONTEXT) return undefined;
  return (active.getValue(SERVER_REQUEST) ?? getRpcMetadata(active)?.[EVENT]) as
    ServerRequest | undefined;
}

/**
 * Whether a request is being handled. One that is over may still be in the context of a
 * timer that it has set.
 */
export function isHandlingRequest(runtime: Runtime): boolean {
  return currentServerRequest(runtime)?.isOver === false;
}
