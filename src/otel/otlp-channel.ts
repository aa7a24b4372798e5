/** What the transport and its thread say to each other. */
import type { IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base';
import type { OtlpProtocol, OtlpSignals } from '../config/config.js';

export const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const;
/** A signal as the variables spell it: `OTEL_EXPORTER_OTLP_TRACES_…`. */
export type OtlpSignal = (typeof SIGNALS)[number];

/** The package that sends over gRPC: big, wanted by few, and therefore brought by the host. */
export const GRPC_PACKAGE = '@opentelemetry/otlp-grpc-exporter-base';

/** What the thread is started with. */
export interface WorkerData {
  /** The cells below. */
  readonly shared: SharedArrayBuffer;
  readonly protocols: OtlpSignals;
}

/** How a signal's requests are sent. */
export function protocolOf(signals: OtlpSignals, signal: OtlpSignal): OtlpProtocol | undefined {
  return signals[signal.toLowerCase() as Lowercase<OtlpSignal>];
}

/** What sends the serialized requests of a signal. */
export type Delegate = IOtlpExportDelegate<Uint8Array>;

/** A serialized export request. */
export interface ExportRequest {
  readonly signal: OtlpSignal;
  readonly body: Uint8Array;
  /** Spans or records in it; 1 for metrics, where the next export makes up for a lost one. */
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

/**
 * Cells of the shared array: answers given so far, those to last attempts, and how many of
 * the last attempts failed.
 */
export const ANSWERED = 0;
export const LAST_ANSWERED = 1;
export const LAST_FAILED = 2;
export const SHARED_CELLS = 3;

/** Longest single attempt once the process is ending, in milliseconds. Below the exporter’s
 * first back-off, so that a refused connection is given up at once. */
export const LAST_ATTEMPT_MS = 750;
