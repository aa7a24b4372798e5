/** A file of its own in the package, for a host that exports over OTLP. */
export { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
export { serializeSpans } from './span-serializer.js';
