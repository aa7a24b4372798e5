import {
  IDEMPOTENCY_RESULTS,
  RATE_LIMIT_REASONS,
  type IdempotencyResult,
  type RateLimitReason,
} from '../catalog/vocabulary.js';
import {
  AdmittedRequest,
  recordIdempotency,
  recordRateLimited,
  tenantOf,
  type AgentRequest,
  type RequestOptions,
} from './admitted-request.js';
import { follow } from './outcome.js';
import { event, holding, opening } from './runtime.js';
import { currentServerRequest } from './server-request.js';

/** A per-tenant limiter that is held; see `request.limiter`. */
export interface Limiter {
  /** It refused a request. */
  refused(): void;
}

const INERT: AgentRequest = { end: () => undefined };

const startRequest = opening<[RequestOptions], AgentRequest>(
  'request',
  INERT,
  (runtime, options) => new AdmittedRequest(runtime, options, currentServerRequest(runtime)),
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
    return follow(() => admitted.handle(fn), {
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
      checkReason(reason);
      recordRateLimited(runtime, { reason, tenant }, currentServerRequest(runtime));
    },
  ),

  /**
   * Holds what `rateLimited` counts for one tenant and reason, for a limiter that refuses
   * thousands of requests a second: a refusal is one add. It counts alone; the span of the
   * current request is not marked with the reason.
   *
   * @example
   * const limiter = request.limiter({ tenant, reason: 'rate_limit' });
   * if (!bucket.take()) limiter.refused();
   */
  limiter: (options: { readonly reason: RateLimitReason; readonly tenant: string }): Limiter => ({
    refused: holding('limiter', (runtime) => {
      checkReason(options.reason);
      const { requestRateLimited: table } = runtime.ledger.tables;
      return { table, row: table.row(tenantOf(undefined, options.tenant), options.reason) };
    }),
  }),

  /** A request came with an `Idempotency-Key`: it replayed an existing run, or found none. */
  idempotencyLookedUp: event<[IdempotencyResult]>('idempotency', (runtime, result) => {
    if (!IDEMPOTENCY_RESULTS.includes(result)) {
      throw new TypeError(`unknown idempotency result ${JSON.stringify(result)}`);
    }
    recordIdempotency(runtime, result, currentServerRequest(runtime));
  }),
};

function checkReason(reason: RateLimitReason): void {
  if (RATE_LIMIT_REASONS.includes(reason)) return;
  throw new TypeError(`unknown limiter reason ${JSON.stringify(reason)}`);
}
