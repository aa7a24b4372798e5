export { exec, type Exec, type ExecOptions } from './events/exec.js';
export type { Message } from './events/message.js';
export { provider } from './events/provider.js';
export type { ProviderCall, ProviderCallOptions, ProviderName } from './events/provider-call.js';
export type { TokenUsage } from './events/provider-recording.js';
export type { AttemptFailure } from './events/provider-failure.js';
export type { AgentRequest, RequestOptions } from './events/admitted-request.js';
export { request, type Limiter } from './events/request.js';
export { sandbox, type SandboxOptions } from './events/sandbox.js';
export type { PoolReading } from './events/sandbox-registry.js';
export { session } from './events/session.js';
export type { SessionResume } from './events/session-steps.js';
export type { SessionOptions } from './events/session-registry.js';
export type {
  ExecResult,
  IdempotencyResult,
  Provider,
  RateLimitReason,
  RejectionReason,
  ResumePath,
  Route,
  SandboxState,
} from './catalog/vocabulary.js';
export { readApiKeys, type ApiKeys } from './endpoint/api-keys.js';
export {
  createAgentTelemetry,
  type AgentTelemetry,
  type AgentTelemetryOptions,
} from './compose.js';
