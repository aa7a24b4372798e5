import type { ExecResult } from 'agent-otel';

/** What the server asks of a sandbox process. It answers each with exactly one `Reply`. */
export type Order =
  | { readonly kind: 'ping' }
  | { readonly kind: 'evaluate'; readonly source: string; readonly timeoutMs: number }
  | { readonly kind: 'hang' };

/** What a sandbox process says: once unasked when it is ready, then in answer to orders. */
export interface Reply {
  readonly result: ExecResult;
  readonly output: string;
  readonly truncated: boolean;
}
