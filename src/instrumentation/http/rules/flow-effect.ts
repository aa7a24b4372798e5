import {
  RATE_LIMIT_REASONS,
  type RateLimitReason,
  type Route,
} from '../../../catalog/vocabulary.js';
import {
  AdmittedRequest,
  recordIdempotency,
  recordRateLimited,
} from '../../../events/admitted-request.js';
import type { Runtime } from '../../../events/runtime.js';
import type { ResponseOutcome } from '../../../catalog/vocabulary.js';
import type { ResponseBody } from '../body/response-body.js';
import { StreamVerdict } from './done-event.js';
import {
  isRefusal,
  isReplay,
  type ResponseHead,
  type RouteEffect,
  type RuledRequest,
} from './route-effect.js';

const TOO_MANY_REQUESTS = 429;

/**
 * Moves arbiter's request flow for a request of a route.
 *
 * The document counts a request when it is admitted: one that is replayed, rejected or limited
 * moves nothing, not even for a moment, and a counter cannot be taken back. From outside,
 * admission shows at the first of these, and the request counts from there, with the time of
 * its arrival:
 *
 * - Work for it begins: a provider is called, code is run, a sandbox is started. No host works
 *   for a request that it then refuses.
 * - Its response begins, and is neither a replay nor a refusal: a status below 400, or a 5xx
 *   other than 503, by which a request fails that was taken on.
 * - It ends without any response after the whole of its body was received: the client went
 *   away, or the handler broke down, while it was being handled.
 *
 * So `started` and `in_flight` of a host that streams move when its stream begins; of one
 * that thinks first and shows no work meanwhile, when its answer does.
 */
export class FlowEffect implements RouteEffect {
  readonly #runtime: Runtime;
  readonly #route: Route;
  readonly #request: RuledRequest;
  #state: 'waiting' | 'admitted' | 'refused' = 'waiting';
  /** Undefined also where the host reports its requests itself. */
  #admitted: AdmittedRequest | undefined;
  #status: number | undefined;
  readonly #verdict = new StreamVerdict();

  constructor(runtime: Runtime, { route, request }: { route: Route; request: RuledRequest }) {
    this.#runtime = runtime;
    this.#route = route;
    this.#request = request;
    request.event.onWork(() => {
      this.#admit();
    });
  }

  answered(head: ResponseHead, body: ResponseBody | undefined): void {
    this.#status = head.status;
    if (isReplay(head)) this.#replay();
    else if (!isRefusal(head.status)) this.#admit();
    else if (this.#state === 'waiting') this.#refuse(head.status, body);
    if (this.#admitted === undefined) return;
    body?.lastEvents((name, data) => {
      this.#verdict.read(name, data);
    });
  }

  ended(outcome: ResponseOutcome): void {
    if (this.#status === undefined && this.#request.isComplete()) this.#admit();
    const succeeded = outcome === 'completed' && (this.#status ?? 0) < 400;
    this.#admitted?.end({ ok: succeeded && (this.#verdict.ok ?? true) });
  }

  #admit(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'admitted';
    this.#lookUp('miss');
    if (this.#runtime.reportedByHost.has('request')) return;
    const { event } = this.#request;
    const { startedAt } = event;
    this.#admitted = new AdmittedRequest(this.#runtime, { route: this.#route, startedAt }, event);
  }

  #replay(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'refused';
    this.#lookUp('replay');
  }

  #refuse(status: number, body: ResponseBody | undefined): void {
    this.#state = 'refused';
    if (status !== TOO_MANY_REQUESTS) return;
    body?.json((json) => {
      if (this.#runtime.reportedByHost.has('limiter')) return;
      recordRateLimited(this.#runtime, { reason: reasonIn(json) }, this.#request.event);
    });
  }

  /** A request without a key was never looked up. */
  #lookUp(result: 'replay' | 'miss'): void {
    const { event, header } = this.#request;
    if ((header('idempotency-key') ?? '') === '') return;
    if (this.#runtime.reportedByHost.has('idempotency')) return;
    recordIdempotency(this.#runtime, result, event);
  }
}

/** Where a refusal may say why, in itself or in its `error`. */
const REASON_KEYS = ['reason', 'code', 'type', 'error'] as const;

/**
 * The documented reason that a 429 names. One that names none is taken for a rate limit, which
 * is what the status means (RFC 6585, section 4).
 */
function reasonIn(json: unknown): RateLimitReason {
  const body = Object(json) as Record<string, unknown>;
  const error = Object(body['error']) as Record<string, unknown>;
  const named = [body, error].flatMap((object) => REASON_KEYS.map((key) => object[key]));
  return RATE_LIMIT_REASONS.find((reason) => named.includes(reason)) ?? 'rate_limit';
}
