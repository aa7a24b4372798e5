import type { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type {
  MetricData,
  MetricProducer,
  MetricReader,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
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
   * Collects, and gives the text in slices, each serialized when it is asked for: whole lines,
   * with HELP and TYPE in each slice of a metric. Rejects once the reader was shut down. A
   * bridge that belongs to no provider yet, because the host has an SDK of its own, shows our
   * metrics alone.
   */
  serialize(): Promise<Iterable<string>>;
}

export function createPrometheusBridge(producer: MetricProducer): PrometheusBridge {
  const { AggregationTemporality, MeterProvider, MetricReader } = loadSdk();
  let isBound = false;
  let serializers: Serializers | undefined;

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
      serializers ??= createSerializers();
      return serializeSlices(resourceMetrics, serializers);
    },
  };
}

/** Points that are serialized before somebody else may have a turn. */
const SLICE = 500;

/** The stock serializer, which tells of the resource each time or never. */
interface Serializers {
  readonly resource: PrometheusSerializer;
  readonly metrics: PrometheusSerializer;
}

function createSerializers(): Serializers {
  const { PrometheusSerializer: Serializer } = loadPrometheus();
  return { resource: new Serializer(), metrics: new Serializer(undefined, false, undefined, true) };
}

function* serializeSlices(
  { resource, scopeMetrics }: ResourceMetrics,
  serializers: Serializers,
): Generator<string> {
  yield serializers.resource.serialize({ resource, scopeMetrics: [] });
  for (const { scope, metrics } of scopeMetrics) {
    for (const metric of metrics) {
      for (let from = 0; from < metric.dataPoints.length; from += SLICE) {
        const slice = { ...metric, dataPoints: metric.dataPoints.slice(from, from + SLICE) };
        const part = { scope, metrics: [slice as MetricData] };
        yield serializers.metrics.serialize({ resource, scopeMetrics: [part] });
      }
    }
  }
}
