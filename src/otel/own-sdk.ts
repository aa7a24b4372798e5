import type { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { BasicTracerProvider, Sampler } from '@opentelemetry/sdk-trace-base';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { Config } from '../config/config.js';
import type { Tracing } from '../events/runtime.js';
import type { Ledger } from '../ledger/ledger.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import { loadSdk } from './bundled.js';
import { createMetricProducer, type LedgerMetricProducer } from './metric-producer.js';
import { createOtlpMetricExporter, createOtlpSpanExporter } from './otlp-exporters.js';
import type { OtlpTransport } from './otlp-transport.js';
import { type PrometheusBridge, READER_CARDINALITY_LIMIT } from './prometheus-bridge.js';
import { createIds } from './ids.js';
import { createOwnTracing } from './own-tracing.js';
import { withoutProviders } from './propagation.js';

/** The SDK that the preload runs where the host has none. Nothing of it is global yet. */
export interface OwnSdk {
  readonly tracing: Tracing;
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;
  readonly contextManager: AsyncLocalStorageContextManager;
  readonly propagator: TextMapPropagator;
  /** Hands over what has not been exported, synchronously. */
  handOver(): void;
}

export interface OwnSdkOptions {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly spanProcessors: readonly EndedSpanProcessor[];
  /** Reads what the SDK collects for the admin listener. */
  readonly bridge: PrometheusBridge;
  readonly resource: Resource;
  /** Takes what is exported; undefined when nothing is. */
  readonly transport: OtlpTransport | undefined;
}

export function startOwnSdk(options: OwnSdkOptions): OwnSdk {
  const { config, ledger, spanProcessors, bridge, resource, transport } = options;
  const sdk = loadSdk();
  const batches =
    transport !== undefined && config.otlp.traces !== undefined
      ? new sdk.BatchSpanProcessor(createOtlpSpanExporter({ transport }), config.batch)
      : undefined;
  const push =
    transport !== undefined && config.otlp.metrics !== undefined
      ? createPush({ config, ledger, exporter: createOtlpMetricExporter({ transport, ...config }) })
      : undefined;

  const sampler = createSampler(config);
  const ids = createIds();
  const tracerProvider = new sdk.BasicTracerProvider({
    resource,
    sampler,
    idGenerator: ids,
    spanProcessors: [...spanProcessors, ...(batches === undefined ? [] : [batches])],
  });
  const meterProvider = new sdk.MeterProvider({
    resource,
    readers: [bridge.reader, ...(push === undefined ? [] : [push.reader])],
  });
  const contextManager = new sdk.AsyncLocalStorageContextManager().enable();
  const propagator = createPropagator(config);

  return {
    tracing: createOwnTracing({
      tracer: tracerProvider.getTracer(SCOPE_NAME),
      contextManager,
      propagator,
      ids,
      processors: spanProcessors,
      sampler: config.otlp.traces === undefined ? undefined : sampler,
    }),
    tracerProvider,
    meterProvider,
    contextManager,
    propagator,
    handOver() {
      // Both hand over in the call: the processor exports, and the ledger needs no loop to be
      // read. A host's own instruments keep their last interval.
      void batches?.forceFlush().catch(() => undefined);
      push?.exportNow(resource);
    },
  };
}

function createPush({
  config,
  ledger,
  exporter,
}: {
  config: Config;
  ledger: Ledger;
  exporter: ReturnType<typeof createOtlpMetricExporter>;
}): { reader: PeriodicExportingMetricReader; exportNow: (resource: Resource) => void } {
  const producer: LedgerMetricProducer = createMetricProducer(ledger, {
    temporality: (instrument) => exporter.selectAggregationTemporality(instrument),
  });
  const { PeriodicExportingMetricReader } = loadSdk();
  return {
    reader: new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: config.metricExportIntervalMs,
      exportTimeoutMillis: config.metricExportTimeoutMs,
      cardinalityLimits: { default: READER_CARDINALITY_LIMIT },
      metricProducers: [producer],
    }),
    exportNow: (resource) => {
      exporter.export({ resource, scopeMetrics: producer.collectNow() }, () => undefined);
    },
  };
}

/**
 * The sampler that the environment names. Without a trace exporter nothing would be sent,
 * so new roots are not sampled either; a remote parent's decision is passed on as it came.
 */
function createSampler({ otlp, sampler: { name, ratio } }: Config): Sampler {
  const { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler } =
    loadSdk();
  if (otlp.traces === undefined) return new ParentBasedSampler({ root: new AlwaysOffSampler() });
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

function createPropagator({ propagators }: Config): TextMapPropagator {
  const { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } = loadSdk();
  const wanted = propagators.includes('none') ? [] : propagators;
  return withoutProviders(
    new CompositePropagator({
      propagators: wanted.map((name) =>
        name === 'baggage' ? new W3CBaggagePropagator() : new W3CTraceContextPropagator(),
      ),
    }),
  );
}
