/** What the transport and its thread say to each other. */

export type OtlpSignal = 'TRACES' | 'METRICS';

/** The path that each signal has below `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export const SIGNAL_PATHS: Readonly<Record<OtlpSignal, string>> = {
  TRACES: 'v1/traces',
  METRICS: 'v1/metrics',
};

/** A serialized export request. */
export interface ExportRequest {
  readonly signal: OtlpSignal;
  readonly body: Uint8Array;
  /** Spans in it; 1 for metrics, where the next export makes up for a lost one. */
  readonly items: number;
  /** The process is ending: one attempt, and a short one. */
  readonly last: boolean;
}

/** What became of a request. `error` is undefined when it was delivered. */
export interface ExportAnswer {
  readonly signal: OtlpSignal;
  readonly items: number;
  readonly bytes: number;
  readonly error: string | undefined;
}

/** Cells of the shared array: answers given so far, and whether a last attempt failed. */
export const ANSWERED = 0;
export const UNREACHABLE = 1;
export const SHARED_CELLS = 2;

/** Longest single attempt once the process is ending, in milliseconds. Below the exporter’s
 * first back-off, so that a refused connection is given up at once. */
export const LAST_ATTEMPT_MS = 750;
