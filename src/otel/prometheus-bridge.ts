import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  MeterProvider,
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
  #bound = false;

  constructor(producer: MetricProducer) {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      cardinalitySelector: () => READER_CARDINALITY_LIMIT,
      metricProducers: [producer],
    });
  }

  /**
   * Collects and serializes. Rejects once the reader was shut down. A bridge that belongs
   * to no provider yet, because the host has an SDK of its own, shows our metrics alone.
   */
  async serialize(): Promise<string> {
    if (!this.#bound) new MeterProvider({ readers: [this] });
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  protected override onInitialized(): void {
    this.#bound = true;
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
