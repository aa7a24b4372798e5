/**
 * Attribute keys. Those of the semantic conventions are copied here because
 * the unstable ones move between releases of the conventions package, and
 * because the core depends on nothing but the OpenTelemetry API.
 */

// OpenTelemetry semantic conventions, stable.
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_HTTP_REQUEST_METHOD = 'http.request.method';
export const ATTR_HTTP_REQUEST_METHOD_ORIGINAL = 'http.request.method_original';
export const ATTR_HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const ATTR_HTTP_ROUTE = 'http.route';
export const ATTR_NETWORK_PEER_ADDRESS = 'network.peer.address';
export const ATTR_NETWORK_PROTOCOL_VERSION = 'network.protocol.version';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_URL_PATH = 'url.path';
export const ATTR_URL_SCHEME = 'url.scheme';

// OpenTelemetry semantic conventions, in development.
export const ATTR_PROCESS_EXECUTABLE_NAME = 'process.executable.name';
export const ATTR_PROCESS_PID = 'process.pid';

// GenAI semantic conventions, in development.
export const ATTR_GEN_AI_AGENT_NAME = 'gen_ai.agent.name';
export const ATTR_GEN_AI_CONVERSATION_ID = 'gen_ai.conversation.id';
export const ATTR_GEN_AI_OPERATION_NAME = 'gen_ai.operation.name';
export const ATTR_GEN_AI_PROVIDER_NAME = 'gen_ai.provider.name';
export const ATTR_GEN_AI_REQUEST_MODEL = 'gen_ai.request.model';
export const ATTR_GEN_AI_REQUEST_STREAM = 'gen_ai.request.stream';
export const ATTR_GEN_AI_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons';
export const ATTR_GEN_AI_RESPONSE_ID = 'gen_ai.response.id';
export const ATTR_GEN_AI_RESPONSE_MODEL = 'gen_ai.response.model';
export const ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';
export const ATTR_GEN_AI_TOKEN_TYPE = 'gen_ai.token.type';
export const ATTR_GEN_AI_USAGE_INPUT_TOKENS = 'gen_ai.usage.input_tokens';
export const ATTR_GEN_AI_USAGE_OUTPUT_TOKENS = 'gen_ai.usage.output_tokens';

// Ours.
export const ATTR_EXEC_RESULT = 'agent.exec.result';
export const ATTR_EXEC_OUTPUT_TRUNCATED = 'agent.exec.output_truncated';
export const ATTR_EXPORT_SIGNAL = 'agent.export.signal';
export const ATTR_IDEMPOTENCY_RESULT = 'agent.idempotency.result';
export const ATTR_LEDGER_ATTRIBUTE = 'agent.ledger.attribute';
export const ATTR_MESSAGE_EVENT_COUNT = 'agent.message.event_count';
export const ATTR_MESSAGE_FIRST_EVENT_MS = 'agent.message.first_event_ms';
export const ATTR_MESSAGE_LOOKUP_MS = 'agent.message.lookup_ms';
export const ATTR_MESSAGE_TOTAL_MS = 'agent.message.total_ms';
export const ATTR_PROVIDER_ATTEMPTS = 'agent.provider.attempts';
export const ATTR_PROVIDER_REQUEST_ID = 'agent.provider.request_id';
export const ATTR_RATE_LIMIT_REASON = 'agent.rate_limit.reason';
export const ATTR_REJECTION_REASON = 'agent.rejection.reason';
export const ATTR_REQUEST_ABORTED = 'agent.request.aborted';
export const ATTR_REQUEST_DURATION_MS = 'agent.request.duration_ms';
export const ATTR_REQUEST_ID = 'agent.request.id';
export const ATTR_REQUEST_OK = 'agent.request.ok';
export const ATTR_ROUTE = 'agent.route';
export const ATTR_SANDBOX_ID = 'agent.sandbox.id';
export const ATTR_SANDBOX_STATE = 'agent.sandbox.state';
export const ATTR_SESSION_ID = 'agent.session.id';
export const ATTR_SESSION_RESUME_PATH = 'agent.session.resume.path';
export const ATTR_STREAM_OUTCOME = 'agent.stream.outcome';
export const ATTR_TENANT_ID = 'agent.tenant.id';
