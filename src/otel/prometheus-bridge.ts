import type { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import { loadPrometheus, loadSdk } from './bundled.js';

/** Above every limit of the ledger, so that the SDK never folds what the ledger has not. */
export const READER_CARDINALITY_LIMIT = 20_000_000;

/**
 * What is behind the admin listener's `/metrics`: everything that OpenTelemetry knows, the
 * host's own instruments included, through the stock Prometheus serializer. The documented
 * families do not pass here: see the design's “One ledger, two readers”.
 */
export interface PrometheusBridge {
  /** For the `readers` of a MeterProvider. */
  readonly reader: MetricReader;
  /**
   * Collects and serializes. Rejects once the reader was shut down. A bridge that belongs
   * to no provider yet, because the host has an SDK of its own, shows our metrics alone.
   */
  serialize(): Promise<string>;
}

export function createPrometheusBridge(producer: MetricProducer): PrometheusBridge {
  const { AggregationTemporality, MeterProvider, MetricReader } = loadSdk();
  let isBound = false;
  let serializer: PrometheusSerializer | undefined;

  class Reader extends MetricReader {
    protected override onInitialized(): void {
      isBound = true;
    }

    protected override onForceFlush(): Promise<void> {
      return Promise.resolve();
    }

    protected override onShutdown(): Promise<void> {
      return Promise.resolve();
    }
  }

  const reader = new Reader({
    aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
    cardinalitySelector: () => READER_CARDINALITY_LIMIT,
    metricProducers: [producer],
  });
  return {
    reader,
    async serialize() {
      if (!isBound) new MeterProvider({ readers: [reader] });
      const { resourceMetrics } = await reader.collect();
      serializer ??= new (loadPrometheus().PrometheusSerializer)();
      return serializer.serialize(resourceMetrics);
    },
  };
}
