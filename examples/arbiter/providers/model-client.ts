import type { ProviderCall } from 'agent-otel';

/** Streams answers of one provider's model. */
export interface ModelClient {
  readonly model: string;
  /** Yields the pieces of the answer as they come, and reports the usage to the call. */
  stream(prompt: string, options: StreamOptions): AsyncIterable<string>;
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly call: ProviderCall;
}
