import type { IncomingMessage, ServerResponse } from 'node:http';
import { request, type Route } from 'agent-otel';
import { fingerprintOf, type IdempotencyCache, type RunName } from './idempotency.js';
import { parseAsk, readBody, refuse, routeOf, tenantOf } from './incoming.js';
import type { TenantLimiter } from './limiter.js';
import { orchestrate, type Ask, type Workers } from './orchestrate.js';
import { Run } from './run.js';

const MAX_KEY_LENGTH = 255;

/** What the requests of this server share. */
export interface Services extends Workers {
  readonly limiter: TenantLimiter;
  readonly cache: IdempotencyCache;
  /** Fires when the server shuts down. */
  readonly stopping: AbortSignal;
}

interface Exchange {
  readonly res: ServerResponse;
  readonly tenant: string;
  readonly route: Route;
  readonly ask: Ask;
  readonly name: RunName | undefined;
}

/** Handles one HTTP request, from its key to its `done` event. */
export async function handle(
  req: IncomingMessage,
  res: ServerResponse,
  services: Services,
): Promise<void> {
  const tenant = tenantOf(req);
  if (tenant !== undefined) request.identified({ tenant });
  const route = routeOf(req);
  if (route === undefined) {
    refuse(res, { status: 404, error: { type: 'not_found_error' } });
    return;
  }
  if (tenant === undefined) {
    const headers = { 'www-authenticate': 'Bearer' };
    refuse(res, { status: 401, error: { type: 'authentication_error' }, headers });
    return;
  }
  const body = await readBody(req);
  if (body === undefined) {
    const headers = { connection: 'close' };
    refuse(res, { status: 413, error: { type: 'request_too_large' }, headers });
    return;
  }
  const ask = parseAsk(body);
  const key = req.headers['idempotency-key']?.toString();
  if (typeof ask === 'string' || (key !== undefined && key.length > MAX_KEY_LENGTH)) {
    const message = typeof ask === 'string' ? ask : 'the Idempotency-Key is too long';
    refuse(res, { status: 400, error: { type: 'invalid_request_error', message } });
    return;
  }
  const name = key ? { tenant, key, fingerprint: fingerprintOf(req.url ?? '', body) } : undefined;
  const exchange = { res, tenant, route, ask, name };
  if (!replayed(exchange, services)) await admit(exchange, services);
}

/** Answers with the earlier run of the same name, if there is one. */
function replayed({ res, name }: Exchange, { cache }: Services): boolean {
  const earlier = name && cache.find(name);
  if (earlier === undefined) return false;
  if (earlier === 'conflict') {
    refuse(res, { status: 422, error: { type: 'idempotency_error' } });
  } else {
    request.idempotencyLookedUp('replay');
    earlier.streamTo(res, { 'idempotent-replayed': 'true' });
  }
  return true;
}

async function admit(exchange: Exchange, services: Services): Promise<void> {
  const { res, tenant, route, ask, name } = exchange;
  const admission = services.limiter.admit(tenant);
  if (!admission.admitted) {
    const { reason, retryAfterSeconds } = admission;
    request.rateLimited({ tenant, reason });
    const headers = { 'retry-after': String(retryAfterSeconds) };
    refuse(res, { status: 429, error: { type: 'rate_limit_error', reason }, headers });
    return;
  }

  const run = new Run();
  if (name !== undefined) {
    request.idempotencyLookedUp('miss');
    services.cache.remember(name, run);
  }
  const signal = callOff(res, services.stopping);
  await request.run({ route, tenant }, async (admitted) => {
    run.streamTo(res);
    const result = await orchestrate({ ask, tenant, run, signal }, services);
    if (name !== undefined && signal.aborted) services.cache.forget(name, run);
    // Whoever has read `done` may ask again at once, or look at the metrics.
    admission.release();
    admitted.end({ ok: result.ok });
    run.finish(result);
  });
}

/** Fires when the client goes away before its answer is complete, or when the server stops. */
function callOff(res: ServerResponse, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  if (res.destroyed || stopping.aborted) abort();
  stopping.addEventListener('abort', abort);
  res.once('close', () => {
    stopping.removeEventListener('abort', abort);
    if (!res.writableFinished) abort();
  });
  return controller.signal;
}
