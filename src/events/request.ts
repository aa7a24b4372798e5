import { SpanKind, type Span } from '@opentelemetry/api';
import {
  ATTR_IDEMPOTENCY_RESULT,
  ATTR_RATE_LIMIT_REASON,
  ATTR_REQUEST_OK,
  ATTR_ROUTE,
  ATTR_TENANT_ID,
} from '../catalog/attributes.js';
import {
  IDEMPOTENCY_RESULTS,
  RATE_LIMIT_REASONS,
  ROUTES,
  type IdempotencyResult,
  type RateLimitReason,
  type Route,
} from '../catalog/vocabulary.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { withSpan } from './context.js';
import { EndsOnce } from './ends-once.js';
import { follow, followAbort, type Ending } from './outcome.js';
import { event, guard, opening, type Runtime } from './runtime.js';
import { currentServerRequest, type ServerRequest } from './server-request.js';

/** Counted under this tenant when nobody said whose request it is. */
const UNKNOWN_TENANT = '-';

/** An agent request that is being admitted. */
export interface RequestOptions {
  readonly route: Route;
  /** Whose request it is; the tenant of the current HTTP request when absent. */
  readonly tenant?: string | undefined;
  /** Ends the request as not ok when it fires. */
  readonly signal?: AbortSignal | undefined;
}

/** An admitted request. The first end counts; a second is ignored and reported once. */
export interface AgentRequest {
  /** It ended. `ok` is what its `done` event reported; true when absent. */
  end(result?: { readonly ok?: boolean }): void;
}

const INERT: AgentRequest = { end: () => undefined };

class AdmittedRequest implements AgentRequest {
  readonly span: Span;
  readonly #runtime: Runtime;
  readonly #ownsSpan: boolean;
  readonly #tenant: string;
  readonly #route: Route;
  readonly #activeRow: number;
  readonly #startedAt: number;
  /** A signal that has fired already ends this before there is anything to stop. */
  #stopFollowing: (() => void)[] = [];
  readonly #ends: EndsOnce;

  constructor(runtime: Runtime, { route, tenant, signal }: RequestOptions) {
    if (!ROUTES.includes(route)) throw new TypeError(`unknown route ${JSON.stringify(route)}`);
    this.#runtime = runtime;
    this.#ends = new EndsOnce(() => {
      runtime.reportOnce('request.end', 'a request was ended twice; the second end is ignored');
    });
    this.#route = route;
    const incoming = currentServerRequest(runtime);
    this.#tenant = tenantOf(incoming, tenant);
    this.#startedAt = runtime.now();
    // Inside an HTTP request its server span is this request's span; a queue has none.
    this.#ownsSpan = incoming === undefined;
    this.span =
      incoming?.span ?? runtime.tracing().startSpan('request', { kind: SpanKind.INTERNAL });
    this.span.setAttributes({ [ATTR_ROUTE]: route, [ATTR_TENANT_ID]: this.#tenant });
    const { requestStarted, requestActive } = runtime.ledger.tables;
    requestStarted.add(requestStarted.row(this.#tenant, route), 1);
    this.#activeRow = requestActive.row(this.#tenant);
    requestActive.add(this.#activeRow, 1);
    const endUnfinished = (): void => {
      this.finish({ how: 'aborted', timedOut: false });
    };
    this.#stopFollowing = [
      followAbort({ signal, onEnd: endUnfinished }),
      incoming?.onAbort(endUnfinished) ?? (() => undefined),
    ];
  }

  end(result: { readonly ok?: boolean } = {}): void {
    if (this.#ends.byHost()) this.#record(result.ok ?? true);
  }

  /** Ends it by how its function ended or its client left, unless the host already did. */
  finish(ending: Ending): void {
    if (this.#ends.byItself()) this.#record(ending.how === 'returned');
  }

  #record(ok: boolean): void {
    guard(this.#runtime, () => {
      for (const stop of this.#stopFollowing) stop();
      const { requestActive, requestDuration } = this.#runtime.ledger.tables;
      requestActive.add(this.#activeRow, -1);
      const row = requestDuration.row(this.#tenant, this.#route, ok ? 'true' : 'false');
      requestDuration.record(row, this.#runtime.now() - this.#startedAt);
      this.span.setAttribute(ATTR_REQUEST_OK, ok);
      if (this.#ownsSpan) this.span.end();
    });
  }
}

const startRequest = opening<[RequestOptions], AgentRequest>(
  'request',
  INERT,
  (runtime, options) => new AdmittedRequest(runtime, options),
);

/**
 * Agent requests, from admission to their `done` event: arbiter's request flow, limiter
 * and idempotency families. A request that is replayed, refused or limited is not started.
 */
export const request = {
  /**
   * Handles an admitted request: ok when `fn` returns, not ok when it throws or the client
   * goes away; `fn` may call `end` itself with what its `done` event reports.
   *
   * @example
   * await request.run({ route: 'messages', tenant }, async (admitted) => {
   *   const ok = await orchestrate(body, response);
   *   admitted.end({ ok });
   * });
   */
  run<T>(options: RequestOptions, fn: (admitted: AgentRequest) => T): T {
    const admitted = startRequest(options);
    if (!(admitted instanceof AdmittedRequest)) return fn(admitted);
    return follow(() => withSpan(admitted.span, () => fn(admitted)), {
      onEnd: (ending) => {
        admitted.finish(ending);
      },
    });
  },

  /**
   * Starts a request that ends elsewhere. It ends itself, not ok, if the client goes away.
   *
   * @example
   * const admitted = request.start({ route: 'orchestrate', tenant });
   * stream.once('done', ({ ok }) => admitted.end({ ok }));
   */
  start: startRequest,

  /** Names the tenant of the current HTTP request, for its access line and its events. */
  identified: event<[{ readonly tenant: string }]>(undefined, (runtime, { tenant }) => {
    currentServerRequest(runtime)?.identify(tenant);
  }),

  /** The per-tenant limiter refused a request. */
  rateLimited: event<[{ readonly reason: RateLimitReason; readonly tenant?: string | undefined }]>(
    'limiter',
    (runtime, { reason, tenant }) => {
      if (!RATE_LIMIT_REASONS.includes(reason)) {
        throw new TypeError(`unknown limiter reason ${JSON.stringify(reason)}`);
      }
      const incoming = currentServerRequest(runtime);
      const { requestRateLimited } = runtime.ledger.tables;
      requestRateLimited.add(requestRateLimited.row(tenantOf(incoming, tenant), reason), 1);
      incoming?.span.setAttribute(ATTR_RATE_LIMIT_REASON, reason);
    },
  ),

  /** A request came with an `Idempotency-Key`: it replayed an existing run, or found none. */
  idempotencyLookedUp: event<[IdempotencyResult]>('idempotency', (runtime, result) => {
    if (!IDEMPOTENCY_RESULTS.includes(result)) {
      throw new TypeError(`unknown idempotency result ${JSON.stringify(result)}`);
    }
    const { idempotencyLookups } = runtime.ledger.tables;
    idempotencyLookups.add(idempotencyLookups.row(result), 1);
    currentServerRequest(runtime)?.span.setAttribute(ATTR_IDEMPOTENCY_RESULT, result);
  }),
};

/** The tenant to count under; one that an event names also names the HTTP request's. */
function tenantOf(incoming: ServerRequest | undefined, tenant: string | undefined): string {
  const named = toLabelValue(tenant);
  if (named === ABSENT) return incoming?.tenant ?? UNKNOWN_TENANT;
  incoming?.identify(named);
  return named;
}
