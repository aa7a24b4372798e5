import type { Span } from '@opentelemetry/api';

/** A span that says whether it takes what no line tells; those of an SDK all do. */
export interface DetailedSpan extends Span {
  readonly takesDetails?: boolean;
}

/** Whether what only an exporter looks at is worth telling a span. */
export function takesDetails(span: DetailedSpan): boolean {
  return span.takesDetails !== false;
}
