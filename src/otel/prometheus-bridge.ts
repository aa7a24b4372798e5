import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  MetricReader,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

/** Above every limit of the ledger, so that the SDK never folds what the ledger has not. */
export const READER_CARDINALITY_LIMIT = 20_000_000;

/**
 * The reader behind the admin listener's `/metrics`: everything that OpenTelemetry knows,
 * the host's own instruments included, through the stock Prometheus serializer. The
 * documented families do not pass here: see the design's “One ledger, two readers”.
 */
export class PrometheusBridge extends MetricReader {
  readonly #serializer = new PrometheusSerializer();

  constructor(producer: MetricProducer) {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      cardinalitySelector: () => READER_CARDINALITY_LIMIT,
      metricProducers: [producer],
    });
  }

  /** Collects and serializes. Rejects once the reader was shut down. */
  async serialize(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
