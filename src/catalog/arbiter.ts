import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_IDEMPOTENCY_RESULT,
  ATTR_RATE_LIMIT_REASON,
  ATTR_REQUEST_OK,
  ATTR_ROUTE,
  ATTR_SANDBOX_STATE,
  ATTR_TENANT_ID,
} from './attributes.js';
import {
  CONTENT_TYPE_TEXT_UTF8,
  type DocumentedFamily,
  type DocumentedLabel,
  type LedgerSource,
  type Surface,
} from './documented.js';
import {
  OUTCOMES,
  PROVIDER_NAMES,
  PROVIDERS,
  RATE_LIMIT_REASONS,
  ROUTES,
  type IdempotencyResult,
} from './vocabulary.js';

const tenant: DocumentedLabel = { name: 'tenant', values: null, attribute: ATTR_TENANT_ID };
const route: DocumentedLabel = { name: 'route', values: ROUTES, attribute: ATTR_ROUTE };
const provider: DocumentedLabel = {
  name: 'provider',
  values: PROVIDERS,
  attribute: ATTR_GEN_AI_PROVIDER_NAME,
  attributeValues: PROVIDER_NAMES,
};

const RATE_LIMITED = '429';
const FOUR_HUNDREDS = /^4\d\d$/;

/** Upstream answered 429, or said so in its body. */
const isRateLimit = (errorType: string): boolean => errorType === RATE_LIMITED;
/** Upstream answered a 5xx or the attempt broke at the socket; other statuses are neither. */
const isUpstreamFailure = (errorType: string): boolean => !FOUR_HUNDREDS.test(errorType);

function counter(
  name: string,
  source: LedgerSource,
  { help, labels = [] }: { help: string; labels?: readonly DocumentedLabel[] },
): DocumentedFamily {
  return { name, type: 'counter', help, labels, source };
}

const lookups = (result: IdempotencyResult): LedgerSource => ({
  instrument: 'idempotencyLookups',
  field: 'value',
  only: { attribute: ATTR_IDEMPOTENCY_RESULT, matches: (value) => value === result },
});

const errors = (matches: (errorType: string) => boolean): LedgerSource => ({
  instrument: 'providerErrors',
  field: 'value',
  only: { attribute: ATTR_ERROR_TYPE, matches },
});

/** Arbiter's document: `/v1/metrics`. */
export const ARBITER: Surface = {
  dialect: 'arbiter',
  path: '/v1/metrics',
  contentType: CONTENT_TYPE_TEXT_UTF8,
  closesConnection: true,
  json: false,
  guarded: false,
  families: [
    counter(
      'arbiter_requests_started_total',
      { instrument: 'requestStarted', field: 'value' },
      { help: 'Requests admitted into the orchestrator.', labels: [tenant, route] },
    ),
    counter(
      'arbiter_requests_completed_total',
      { instrument: 'requestDuration', field: 'count' },
      {
        help: 'Requests that have ended, by whether they ended well.',
        labels: [tenant, route, { name: 'ok', values: OUTCOMES, attribute: ATTR_REQUEST_OK }],
      },
    ),
    counter(
      'arbiter_request_duration_ms_sum',
      { instrument: 'requestDuration', field: 'sum' },
      { help: 'Sum of request wall-clock durations in milliseconds.', labels: [tenant, route] },
    ),
    {
      name: 'arbiter_in_flight',
      type: 'gauge',
      help: 'Requests currently being processed.',
      labels: [tenant],
      source: { instrument: 'requestActive', field: 'value' },
    },
    counter(
      'arbiter_provider_calls_total',
      { instrument: 'providerCalls', field: 'value' },
      { help: 'Calls to the provider; retries are not counted again.', labels: [provider] },
    ),
    counter(
      'arbiter_provider_retries_total',
      { instrument: 'providerRetries', field: 'value' },
      { help: 'Second and later attempts at a provider call.', labels: [provider] },
    ),
    counter('arbiter_provider_5xx_total', errors(isUpstreamFailure), {
      help: 'Attempts that the provider answered with a 5xx or that broke at the socket.',
      labels: [provider],
    }),
    counter('arbiter_provider_429_total', errors(isRateLimit), {
      help: 'Attempts that the provider refused as over its rate limit.',
      labels: [provider],
    }),
    counter(
      'arbiter_provider_circuit_open_total',
      { instrument: 'providerCircuitOpened', field: 'value' },
      { help: 'Times the circuit breaker opened for the provider.', labels: [provider] },
    ),
    counter(
      'arbiter_sandbox_exec_total',
      { instrument: 'sandboxExec', field: 'value' },
      { help: 'Executions dispatched into a tenant container.' },
    ),
    counter(
      'arbiter_sandbox_exec_timeout_total',
      { instrument: 'sandboxExecTimeout', field: 'value' },
      { help: 'Executions killed at their wall-clock limit.' },
    ),
    counter(
      'arbiter_sandbox_container_started_total',
      { instrument: 'sandboxStarted', field: 'value' },
      { help: 'Tenant containers that were cold-started.' },
    ),
    counter(
      'arbiter_sandbox_container_reaped_total',
      { instrument: 'sandboxReaped', field: 'value' },
      { help: 'Tenant containers that the idle reaper stopped.' },
    ),
    counter(
      'arbiter_sandbox_container_rebuilt_total',
      { instrument: 'sandboxRebuilt', field: 'value' },
      { help: 'Tenant containers that were found unresponsive and rebuilt.' },
    ),
    {
      name: 'arbiter_sandbox_containers_running',
      type: 'gauge',
      help: 'Tenant containers that are warm now.',
      labels: [],
      source: {
        instrument: 'sandboxCount',
        field: 'value',
        // Neither a cold place in the pool nor a container on its way up is warm.
        only: {
          attribute: ATTR_SANDBOX_STATE,
          matches: (state) => state !== 'cold' && state !== 'warming',
        },
      },
    },
    counter('arbiter_idempotency_replay_total', lookups('replay'), {
      help: 'Requests that replayed an existing run from the idempotency cache.',
    }),
    counter('arbiter_idempotency_miss_total', lookups('miss'), {
      help: 'Requests with an Idempotency-Key that the cache did not hold.',
    }),
    counter(
      'arbiter_rate_limited_total',
      { instrument: 'requestRateLimited', field: 'value' },
      {
        help: 'Requests that the per-tenant limiter refused, by reason.',
        labels: [
          tenant,
          { name: 'reason', values: RATE_LIMIT_REASONS, attribute: ATTR_RATE_LIMIT_REASON },
        ],
      },
    ),
  ],
};
