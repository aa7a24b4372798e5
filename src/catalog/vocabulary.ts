/**
 * The closed label sets of the three documents, in the documents' order.
 * Types and run-time checks are both made from these lists.
 */

/** How an execution ended (wasmrun, `exec_total{result}`). */
export const EXEC_RESULTS = ['success', 'error', 'timeout'] as const;
export type ExecResult = (typeof EXEC_RESULTS)[number];

/** Why a request was turned away before work began (wasmrun, `exec_rejected_total{reason}`). */
export const REJECTION_REASONS = ['concurrency', 'payload', 'unauthorized'] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** Where a sandbox stands in its pool (Ash, `ash_pool_sandboxes{state}`). */
export const SANDBOX_STATES = ['cold', 'warming', 'warm', 'waiting', 'running'] as const;
export type SandboxState = (typeof SANDBOX_STATES)[number];

/** How a session came back (Ash, `ash_resume_total{path}`). */
export const RESUME_PATHS = ['warm', 'cold'] as const;
export type ResumePath = (typeof RESUME_PATHS)[number];

/** The kind of an orchestrated request (arbiter, `route`). */
export const ROUTES = ['orchestrate', 'messages', 'agent_chat'] as const;
export type Route = (typeof ROUTES)[number];

/** Whether a request ended well (arbiter, `ok`). */
export const OUTCOMES = ['true', 'false'] as const;

/** Why the per-tenant limiter refused a request (arbiter, `rate_limited_total{reason}`). */
export const RATE_LIMIT_REASONS = ['concurrent_request_limit', 'rate_limit'] as const;
export type RateLimitReason = (typeof RATE_LIMIT_REASONS)[number];

/** What a look-up by `Idempotency-Key` found (arbiter, idempotency). */
export const IDEMPOTENCY_RESULTS = ['replay', 'miss'] as const;
export type IdempotencyResult = (typeof IDEMPOTENCY_RESULTS)[number];

/** The providers that the arbiter document names. */
export const PROVIDERS = ['anthropic', 'openai', 'gemini', 'ollama'] as const;
export type Provider = (typeof PROVIDERS)[number];

/**
 * The same providers as `gen_ai.provider.name`. The GenAI conventions call
 * Gemini's own API `gcp.gemini` and have no name for Ollama.
 */
export const PROVIDER_NAMES = ['anthropic', 'openai', 'gcp.gemini', 'ollama'] as const;

/** Which of the three documents a surface follows. */
export const DIALECTS = ['wasmrun', 'ash', 'arbiter'] as const;
export type Dialect = (typeof DIALECTS)[number];

/**
 * How a response ended: it was sent whole, the server broke it off, or the client went away
 * before it was complete.
 */
export const RESPONSE_OUTCOMES = ['completed', 'failed', 'aborted'] as const;
export type ResponseOutcome = (typeof RESPONSE_OUTCOMES)[number];

/** The methods that the HTTP conventions know; others are `_OTHER`. */
export const HTTP_METHODS = [
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
] as const;
