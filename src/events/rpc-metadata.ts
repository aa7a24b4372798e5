import { createContextKey, type Context, type Span } from '@opentelemetry/api';

/**
 * RPC metadata, by which instrumentations of HTTP servers and of frameworks find each
 * other: the server side puts its span there, a framework puts the matched route there.
 * The key is a registered symbol of `@opentelemetry/core`, which the core does not import.
 */
export const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/** A registered symbol, because a host's import and the preload are two bundles. */
export const EVENT = Symbol.for('agent-otel.server-request');

export interface RpcMetadata {
  readonly type: 'http';
  readonly span: Span;
  /** The matched route as a template, once a framework knows it. */
  route?: string;
  /**
   * Our event of the same request, where somebody else has made the metadata: their context
   * holds this object and not ours.
   */
  [EVENT]?: unknown;
}

export function setRpcMetadata(context: Context, metadata: RpcMetadata): Context {
  return context.setValue(RPC_METADATA, metadata);
}

export function getRpcMetadata(context: Context): RpcMetadata | undefined {
  const metadata = context.getValue(RPC_METADATA) as RpcMetadata | undefined;
  return metadata?.type === 'http' ? metadata : undefined;
}
