import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type {
  AggregationTemporality,
  InstrumentType,
  PushMetricExporter,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Temporality } from '../config/config.js';
import { loadOtlp } from './bundled.js';
import type { OtlpTransport } from './otlp-transport.js';
import { CUMULATIVE, DELTA } from './sdk-values.js';

const SUCCESS: ExportResult = { code: ExportResultCode.SUCCESS };
const FLUSH_MS = 5000;

/** A span exporter that serializes here and sends from the transport's thread. */
export function createOtlpSpanExporter({ transport }: { transport: OtlpTransport }): SpanExporter {
  const { serializeSpans } = loadOtlp();
  return {
    export(spans: ReadableSpan[], done) {
      transport.send('TRACES', { body: serializeSpans(spans), items: spans.length });
      // The batch processor keeps a timer while it waits, and that would hold the host open.
      done(SUCCESS);
    },
    forceFlush: () => transport.drained(FLUSH_MS),
    shutdown: () => transport.drained(FLUSH_MS),
  };
}

/** A metric exporter of the same kind. A dropped export loses nothing that is cumulative. */
export function createOtlpMetricExporter(options: {
  transport: OtlpTransport;
  temporality: Temporality;
}): PushMetricExporter & {
  selectAggregationTemporality: (instrument: InstrumentType) => AggregationTemporality;
} {
  const { ProtobufMetricsSerializer } = loadOtlp();
  return {
    export(metrics: ResourceMetrics, done) {
      const body = ProtobufMetricsSerializer.serializeRequest(metrics);
      if (body !== undefined) options.transport.send('METRICS', { body, items: 1 });
      done(SUCCESS);
    },
    selectAggregationTemporality: (instrument) =>
      isDelta(options.temporality, instrument) ? DELTA : CUMULATIVE,
    forceFlush: () => options.transport.drained(FLUSH_MS),
    shutdown: () => options.transport.drained(FLUSH_MS),
  };
}

/** Sends log records: serialized here, sent from the transport's thread. */
export function createOtlpLogSender({
  transport,
}: {
  transport: OtlpTransport;
}): (records: ReadableLogRecord[]) => void {
  const { ProtobufLogsSerializer } = loadOtlp();
  return (records) => {
    const body = ProtobufLogsSerializer.serializeRequest(records);
    if (body !== undefined) transport.send('LOGS', { body, items: records.length });
  };
}

/** The specification's `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. */
function isDelta(preference: Temporality, instrument: InstrumentType): boolean {
  switch (preference) {
    case 'cumulative':
      return false;
    case 'delta':
      return !instrument.endsWith('UP_DOWN_COUNTER');
    case 'lowmemory':
      return ['COUNTER', 'HISTOGRAM'].includes(instrument);
  }
}
