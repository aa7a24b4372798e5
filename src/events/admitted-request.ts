import { SpanKind, type Span } from '@opentelemetry/api';
import {
  ATTR_IDEMPOTENCY_RESULT,
  ATTR_RATE_LIMIT_REASON,
  ATTR_REQUEST_OK,
  ATTR_ROUTE,
  ATTR_TENANT_ID,
} from '../catalog/attributes.js';
import {
  ROUTES,
  type IdempotencyResult,
  type RateLimitReason,
  type Route,
} from '../catalog/vocabulary.js';
import { ABSENT, toLabelValue } from '../ledger/label-value.js';
import { withSpan } from './context.js';
import { EndsOnce, type Misuse } from './ends-once.js';
import { followAbort, type Ending } from './outcome.js';
import { reportFailure, type Runtime } from './runtime.js';
import type { ServerRequest } from './server-request.js';
import { takesDetails } from './span-details.js';

const MISUSE: Misuse = {
  key: 'request.end',
  problem: 'a request was ended twice; the second end is ignored',
};

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

/**
 * Counts an admitted request from here to its end, in the HTTP request that it came with, if
 * it came with one.
 */
export class AdmittedRequest implements AgentRequest {
  readonly span: Span;
  readonly #runtime: Runtime;
  readonly #ownsSpan: boolean;
  readonly #tenant: string;
  readonly #route: Route;
  readonly #activeRow: number;
  readonly #startedAt: number;
  /** A signal that has fired already ends this before there is anything to stop. */
  #stopFollowing: (() => void) | undefined;
  #leave: (() => void) | undefined;
  readonly #ends: EndsOnce;

  constructor(
    runtime: Runtime,
    { route, tenant, signal, startedAt }: RequestOptions & { readonly startedAt?: number },
    incoming: ServerRequest | undefined,
  ) {
    if (!ROUTES.includes(route)) throw new TypeError(`unknown route ${JSON.stringify(route)}`);
    this.#runtime = runtime;
    this.#ends = new EndsOnce(runtime, MISUSE);
    this.#route = route;
    this.#tenant = tenantOf(incoming, tenant);
    this.#startedAt = startedAt ?? runtime.now();
    // Inside an HTTP request its server span is this request's span; a queue has none.
    this.#ownsSpan = incoming === undefined;
    this.span =
      incoming?.span ?? runtime.tracing().startSpan('request', { kind: SpanKind.INTERNAL });
    if (takesDetails(this.span)) this.span.setAttribute(ATTR_ROUTE, route);
    // The HTTP request that it came with may have it already.
    if (incoming?.tenant !== this.#tenant) this.span.setAttribute(ATTR_TENANT_ID, this.#tenant);
    const { requestStarted, requestActive } = runtime.ledger.tables;
    requestStarted.add(requestStarted.row(this.#tenant, route), 1);
    this.#activeRow = requestActive.row(this.#tenant);
    requestActive.add(this.#activeRow, 1);
    const endUnfinished = (): void => {
      this.finish({ how: 'aborted', timedOut: false });
    };
    if (signal !== undefined) this.#stopFollowing = followAbort({ signal, onEnd: endUnfinished });
    this.#leave = incoming?.onAbort(endUnfinished);
  }

  end(result: { readonly ok?: boolean } = {}): void {
    if (this.#ends.byHost()) this.#record(result.ok ?? true);
  }

  /** Calls `fn` inside of it. What is active in an HTTP request stays active: it has that span. */
  handle<T>(fn: (admitted: AgentRequest) => T): T {
    return this.#ownsSpan ? withSpan(this.span, () => fn(this)) : fn(this);
  }

  /** Ends it by how its function ended or its client left, unless the host already did. */
  finish(ending: Ending): void {
    if (this.#ends.byItself()) this.#record(ending.how === 'returned');
  }

  #record(ok: boolean): void {
    try {
      this.#stopFollowing?.();
      this.#leave?.();
      const { requestActive, requestDuration } = this.#runtime.ledger.tables;
      requestActive.add(this.#activeRow, -1);
      const row = requestDuration.row(this.#tenant, this.#route, ok ? 'true' : 'false');
      requestDuration.record(row, this.#runtime.now() - this.#startedAt);
      if (takesDetails(this.span)) this.span.setAttribute(ATTR_REQUEST_OK, ok);
      if (this.#ownsSpan) this.span.end();
    } catch (error) {
      reportFailure(this.#runtime, error);
    }
  }
}

/** Counts a request that the per-tenant limiter refused, whoever saw it. */
export function recordRateLimited(
  runtime: Runtime,
  { reason, tenant }: { readonly reason: RateLimitReason; readonly tenant?: string | undefined },
  incoming: ServerRequest | undefined,
): void {
  const { requestRateLimited } = runtime.ledger.tables;
  requestRateLimited.add(requestRateLimited.row(tenantOf(incoming, tenant), reason), 1);
  incoming?.span.setAttribute(ATTR_RATE_LIMIT_REASON, reason);
}

/** Counts what a look-up by `Idempotency-Key` found, whoever saw it. */
export function recordIdempotency(
  runtime: Runtime,
  result: IdempotencyResult,
  incoming: ServerRequest | undefined,
): void {
  const { idempotencyLookups } = runtime.ledger.tables;
  idempotencyLookups.add(idempotencyLookups.row(result), 1);
  incoming?.span.setAttribute(ATTR_IDEMPOTENCY_RESULT, result);
}

/** The tenant to count under; one that an event names also names the HTTP request's. */
export function tenantOf(incoming: ServerRequest | undefined, tenant: string | undefined): string {
  // Where there is no request to name, the table makes a value safe that it does not know.
  if (incoming === undefined && typeof tenant === 'string' && tenant !== ABSENT) return tenant;
  const named = toLabelValue(tenant);
  if (named === ABSENT) return incoming?.tenant ?? UNKNOWN_TENANT;
  incoming?.belongToTenant(named);
  return named;
}
