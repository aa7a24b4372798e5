import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { Delegate } from './otlp-channel.js';

/** Status codes that OTLP calls retryable: CANCELLED, DEADLINE_EXCEEDED, ABORTED and so on. */
const RETRYABLE = new Set([1, 4, 10, 11, 14, 15]);
/** The stock HTTP transport's: milliseconds, five retries, a fifth more or less. */
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 5000;
const BACKOFF_FACTOR = 1.5;
const MAX_RETRIES = 5;
const JITTER = 0.2;

/**
 * Gives a gRPC delegate the retries that the stock package has for HTTP alone: without them a
 * Collector that restarts loses what is sent meanwhile.
 *
 * @param options.timeoutMs time for all attempts together.
 */
export function withRetries(delegate: Delegate, { timeoutMs }: { timeoutMs: number }): Delegate {
  return {
    export(body, done) {
      const deadline = Date.now() + timeoutMs;
      const attempt = (retries: number): void => {
        delegate.export(body, (result) => {
          const backoff = backoffMs(retries);
          const again = retries < MAX_RETRIES && Date.now() + backoff < deadline;
          if (again && isRetryable(result)) setTimeout(attempt, backoff, retries + 1);
          else done(withShortError(result));
        });
      };
      attempt(0);
    },
    forceFlush: () => delegate.forceFlush(),
    shutdown: () => delegate.shutdown(),
    setMetrics: (metrics) => {
      delegate.setMetrics(metrics);
    },
  };
}

function backoffMs(retries: number): number {
  const backoff = FIRST_BACKOFF_MS * BACKOFF_FACTOR ** retries;
  return Math.min(backoff * (1 + JITTER * (2 * Math.random() - 1)), LONGEST_BACKOFF_MS);
}

function isRetryable({ code, error }: ExportResult): boolean {
  if (code === ExportResultCode.SUCCESS) return false;
  return RETRYABLE.has((error as { code?: number } | undefined)?.code ?? -1);
}

/** What gRPC appends of its earlier attempts differs from one to the next. */
function withShortError(result: ExportResult): ExportResult {
  const message = result.error && /^[^.]*/.exec(result.error.message)?.[0];
  return message === undefined ? result : { code: result.code, error: new Error(message) };
}
