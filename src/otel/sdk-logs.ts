/** A file of its own in the package, for a host whose log records we send. */
export { LoggerProvider } from '@opentelemetry/sdk-logs';
