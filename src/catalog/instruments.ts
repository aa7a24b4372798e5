import {
  ATTR_ERROR_TYPE,
  ATTR_EXEC_RESULT,
  ATTR_EXPORT_SIGNAL,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_TOKEN_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_IDEMPOTENCY_RESULT,
  ATTR_LEDGER_ATTRIBUTE,
  ATTR_RATE_LIMIT_REASON,
  ATTR_REJECTION_REASON,
  ATTR_REQUEST_OK,
  ATTR_ROUTE,
  ATTR_SANDBOX_STATE,
  ATTR_SESSION_RESUME_PATH,
  ATTR_STREAM_OUTCOME,
  ATTR_TENANT_ID,
  ATTR_URL_SCHEME,
} from './attributes.js';
import type { InstrumentDeclaration } from './instrument.js';
import {
  EXEC_RESULTS,
  IDEMPOTENCY_RESULTS,
  OUTCOMES,
  RATE_LIMIT_REASONS,
  REJECTION_REASONS,
  RESPONSE_OUTCOMES,
  RESUME_PATHS,
  ROUTES,
  SANDBOX_STATES,
} from './vocabulary.js';

/** Explicit bucket boundaries of the GenAI conventions, in seconds. */
const GEN_AI_DURATION = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/** Explicit bucket boundaries of the GenAI conventions, in tokens: powers of 4. */
const GEN_AI_TOKENS = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
];
/** Explicit bucket boundaries of the HTTP conventions, in seconds. */
const HTTP_DURATION = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Streams last from a moment to hours, in seconds. */
const STREAM_DURATION = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

const MS_TO_S = 0.001;
const tenant = { key: ATTR_TENANT_ID };
const route = { key: ATTR_ROUTE, values: ROUTES };
const provider = { key: ATTR_GEN_AI_PROVIDER_NAME };

/**
 * The canonical instruments, all under the scope `agent-otel`. The ledger has
 * one table for each; every documented family is read from one of them.
 */
export const INSTRUMENTS = {
  execDuration: {
    name: 'agent.exec.duration',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Wall-clock duration of code executions, by terminal result.',
    attributes: [{ key: ATTR_EXEC_RESULT, values: EXEC_RESULTS }],
    boundaries: GEN_AI_DURATION,
  },
  execActive: {
    name: 'agent.exec.active',
    kind: 'upDownCounter',
    unit: '{exec}',
    description: 'Code executions that are running now.',
    attributes: [],
  },
  execOutputTruncated: {
    name: 'agent.exec.output_truncated',
    kind: 'counter',
    unit: '{exec}',
    description: 'Executions whose captured output was cut at the cap.',
    attributes: [],
  },
  execRejected: {
    name: 'agent.exec.rejected',
    kind: 'counter',
    unit: '{request}',
    description: 'Requests turned away before any work was done, by reason.',
    attributes: [{ key: ATTR_REJECTION_REASON, values: REJECTION_REASONS }],
  },
  sessionCreated: {
    name: 'agent.session.created',
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions created since the process started.',
    attributes: [],
  },
  sessionActive: {
    name: 'agent.session.active',
    kind: 'upDownCounter',
    unit: '{session}',
    description: 'Sessions that are active: neither expired nor paused.',
    attributes: [],
  },
  sessionTracked: {
    name: 'agent.session.tracked',
    kind: 'upDownCounter',
    unit: '{session}',
    description: 'Sessions that are known, whatever their state, until they end.',
    attributes: [],
  },
  sessionDiskUsage: {
    name: 'agent.session.disk.usage',
    kind: 'upDownCounter',
    unit: 'By',
    description: 'Disk space that the directories of active sessions occupy.',
    attributes: [],
  },
  sessionResumed: {
    name: 'agent.session.resumed',
    kind: 'counter',
    unit: '{session}',
    description: 'Session resumes, by path: warm kept its sandbox, cold got a new one.',
    attributes: [{ key: ATTR_SESSION_RESUME_PATH, values: RESUME_PATHS }],
  },
  sandboxCount: {
    name: 'agent.sandbox.count',
    kind: 'upDownCounter',
    unit: '{sandbox}',
    description: 'Sandboxes in the pool, by state.',
    attributes: [{ key: ATTR_SANDBOX_STATE, values: SANDBOX_STATES }],
  },
  sandboxLimit: {
    name: 'agent.sandbox.limit',
    kind: 'upDownCounter',
    unit: '{sandbox}',
    description: 'The most sandboxes that the pool will hold.',
    attributes: [],
  },
  sandboxExec: {
    name: 'agent.sandbox.exec',
    kind: 'counter',
    unit: '{exec}',
    description: 'Executions dispatched into a sandbox.',
    attributes: [],
  },
  sandboxExecTimeout: {
    name: 'agent.sandbox.exec.timeout',
    kind: 'counter',
    unit: '{exec}',
    description: 'Executions in a sandbox that were killed at their wall-clock limit.',
    attributes: [],
  },
  sandboxStarted: {
    name: 'agent.sandbox.started',
    kind: 'counter',
    unit: '{sandbox}',
    description: 'Sandboxes that were cold-started.',
    attributes: [],
  },
  sandboxReaped: {
    name: 'agent.sandbox.reaped',
    kind: 'counter',
    unit: '{sandbox}',
    description: 'Sandboxes that were stopped because they stood idle.',
    attributes: [],
  },
  sandboxRebuilt: {
    name: 'agent.sandbox.rebuilt',
    kind: 'counter',
    unit: '{sandbox}',
    description: 'Sandboxes that a probe found unresponsive and that were made anew.',
    attributes: [],
  },
  requestStarted: {
    name: 'agent.request.started',
    kind: 'counter',
    unit: '{request}',
    description: 'Agent requests that were admitted.',
    attributes: [tenant, route],
  },
  requestDuration: {
    name: 'agent.request.duration',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Wall-clock duration of agent requests that have ended.',
    attributes: [tenant, route, { key: ATTR_REQUEST_OK, values: OUTCOMES }],
  },
  requestActive: {
    name: 'agent.request.active',
    kind: 'upDownCounter',
    unit: '{request}',
    description: 'Agent requests that are being handled now.',
    attributes: [tenant],
  },
  requestRateLimited: {
    name: 'agent.request.rate_limited',
    kind: 'counter',
    unit: '{request}',
    description: 'Agent requests that the per-tenant limiter refused, by reason.',
    attributes: [tenant, { key: ATTR_RATE_LIMIT_REASON, values: RATE_LIMIT_REASONS }],
  },
  idempotencyLookups: {
    name: 'agent.idempotency.lookups',
    kind: 'counter',
    unit: '{request}',
    description: 'Look-ups by Idempotency-Key: replayed an existing run, or found none.',
    attributes: [{ key: ATTR_IDEMPOTENCY_RESULT, values: IDEMPOTENCY_RESULTS }],
  },
  providerCalls: {
    name: 'agent.provider.calls',
    kind: 'counter',
    unit: '{call}',
    description: 'Logical calls to a model provider; retries are not counted again.',
    attributes: [provider],
  },
  providerRetries: {
    name: 'agent.provider.retries',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Second and later attempts at a call to a model provider.',
    attributes: [provider],
  },
  providerErrors: {
    name: 'agent.provider.errors',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts that a model provider answered with an error, or that broke.',
    attributes: [provider, { key: ATTR_ERROR_TYPE }],
  },
  providerCircuitOpened: {
    name: 'agent.provider.circuit_opened',
    kind: 'counter',
    unit: '{transition}',
    description: 'Transitions of the circuit breaker to open, by provider.',
    attributes: [provider],
  },
  genAiOperationDuration: {
    name: 'gen_ai.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'GenAI operation duration.',
    attributes: [
      { key: ATTR_GEN_AI_OPERATION_NAME },
      provider,
      { key: ATTR_GEN_AI_REQUEST_MODEL },
      { key: ATTR_ERROR_TYPE },
    ],
    boundaries: GEN_AI_DURATION,
  },
  genAiTimeToFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Time to receive the first chunk of a streamed response.',
    attributes: [{ key: ATTR_GEN_AI_OPERATION_NAME }, provider, { key: ATTR_GEN_AI_REQUEST_MODEL }],
    boundaries: GEN_AI_DURATION,
  },
  genAiTokenUsage: {
    name: 'gen_ai.client.token.usage',
    kind: 'histogram',
    unit: '{token}',
    description: 'Number of input and output tokens used.',
    attributes: [
      { key: ATTR_GEN_AI_OPERATION_NAME },
      provider,
      { key: ATTR_GEN_AI_REQUEST_MODEL },
      { key: ATTR_GEN_AI_TOKEN_TYPE, values: ['input', 'output'] },
    ],
    boundaries: GEN_AI_TOKENS,
  },
  httpServerDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description:
      'Duration of HTTP server requests; of one that a stream answers, until its headers.',
    attributes: [
      { key: ATTR_HTTP_REQUEST_METHOD },
      { key: ATTR_URL_SCHEME, values: ['http', 'https'] },
      { key: ATTR_HTTP_ROUTE },
      { key: ATTR_HTTP_RESPONSE_STATUS_CODE, type: 'int' },
      { key: ATTR_ERROR_TYPE },
    ],
    boundaries: HTTP_DURATION,
  },
  streamActive: {
    name: 'agent.stream.active',
    kind: 'upDownCounter',
    unit: '{stream}',
    description: 'Streams of server-sent events that are open now.',
    attributes: [],
  },
  streamTimeToHeaders: {
    name: 'agent.stream.time_to_headers',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Time from a request to the headers of the stream that answers it.',
    attributes: [{ key: ATTR_HTTP_ROUTE }],
    boundaries: HTTP_DURATION,
  },
  streamTimeToFirstEvent: {
    name: 'agent.stream.time_to_first_event',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Time from a message to the first event of its answer, where messages are timed.',
    attributes: [{ key: ATTR_HTTP_ROUTE }],
    boundaries: GEN_AI_DURATION,
  },
  streamEvents: {
    name: 'agent.stream.events',
    kind: 'counter',
    unit: '{event}',
    description: 'Events sent in answer to messages, where messages are timed.',
    attributes: [{ key: ATTR_HTTP_ROUTE }],
  },
  streamDuration: {
    name: 'agent.stream.duration',
    kind: 'histogram',
    unit: 's',
    scale: MS_TO_S,
    description: 'Lifetime of streams, from their headers to their end.',
    attributes: [{ key: ATTR_HTTP_ROUTE }, { key: ATTR_STREAM_OUTCOME, values: RESPONSE_OUTCOMES }],
    boundaries: STREAM_DURATION,
  },
  ledgerOverflow: {
    name: 'agent.ledger.overflow',
    kind: 'counter',
    unit: '{measurement}',
    description: 'Measurements folded into _overflow because an attribute had too many values.',
    attributes: [{ key: ATTR_LEDGER_ATTRIBUTE }],
  },
  logDropped: {
    name: 'agent.log.dropped',
    kind: 'counter',
    unit: '{line}',
    description: 'Log lines given up because standard error took no more.',
    attributes: [],
  },
  exportDropped: {
    name: 'agent.export.dropped',
    kind: 'counter',
    unit: '{item}',
    description:
      'Spans, log records and metric exports that OTLP gave up: refused, failed or too many waiting.',
    attributes: [{ key: ATTR_EXPORT_SIGNAL, values: ['traces', 'metrics', 'logs'] }],
  },
} as const satisfies Record<string, InstrumentDeclaration>;

export type InstrumentKey = keyof typeof INSTRUMENTS;

/** Name of the instrumentation scope of every span and metric we make. */
export const SCOPE_NAME = 'agent-otel';
