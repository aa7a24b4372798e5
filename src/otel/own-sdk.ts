import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import type { TextMapPropagator } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  envDetector,
  serviceInstanceIdDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { Config } from '../config/config.js';
import type { Tracing } from '../events/runtime.js';
import type { Ledger } from '../ledger/ledger.js';
import { createMetricProducer, type LedgerMetricProducer } from './metric-producer.js';
import { createOtlpMetricExporter, createOtlpSpanExporter } from './otlp-exporters.js';
import type { OtlpSignal } from './otlp-channel.js';
import { createOtlpTransport } from './otlp-transport.js';
import { type PrometheusBridge, READER_CARDINALITY_LIMIT } from './prometheus-bridge.js';
import { createRecordingSampler } from './sampler.js';
import { createTracing } from './tracing.js';

/** The SDK that the preload runs where the host has none. Nothing of it is global yet. */
export interface OwnSdk {
  readonly tracing: Tracing;
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;
  readonly contextManager: AsyncLocalStorageContextManager;
  readonly propagator: TextMapPropagator;
  /**
   * Sends what has not been sent, without an event loop and within a bound. For `exit`
   * and for a signal that ends the process. Undefined when nothing is exported.
   */
  readonly flushAtExit: (() => void) | undefined;
}

export interface OwnSdkOptions {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly lineProcessors: readonly SpanProcessor[];
  /** Reads what the SDK collects for the admin listener. */
  readonly bridge: PrometheusBridge;
  readonly onExportFailure: (error: string) => void;
}

export function startOwnSdk(options: OwnSdkOptions): OwnSdk {
  const { config, ledger, lineProcessors, bridge, onExportFailure } = options;
  const resource = createResource();
  const otlp = config.otlp.traces || config.otlp.metrics;
  const { exportDropped } = ledger.tables;
  const onLost = (signal: OtlpSignal, items: number): void => {
    exportDropped.add(exportDropped.row(signal.toLowerCase()), items);
  };
  const transport = otlp ? createOtlpTransport({ onFailure: onExportFailure, onLost }) : undefined;

  const batches =
    transport !== undefined && config.otlp.traces
      ? new BatchSpanProcessor(createOtlpSpanExporter({ transport }), config.batch)
      : undefined;
  const push =
    transport !== undefined && config.otlp.metrics
      ? createPush({ config, ledger, exporter: createOtlpMetricExporter({ transport, ...config }) })
      : undefined;

  const tracerProvider = new BasicTracerProvider({
    resource,
    sampler: createRecordingSampler(createSampler(config)),
    spanProcessors: [...lineProcessors, ...(batches === undefined ? [] : [batches])],
  });
  const meterProvider = new MeterProvider({
    resource,
    readers: [bridge, ...(push === undefined ? [] : [push.reader])],
  });
  const contextManager = new AsyncLocalStorageContextManager().enable();
  const propagator = createPropagator(config);

  return {
    tracing: createTracing({
      tracer: tracerProvider.getTracer(SCOPE_NAME),
      contextManager,
      propagator,
    }),
    tracerProvider,
    meterProvider,
    contextManager,
    propagator,
    flushAtExit:
      transport &&
      (() => {
        transport.beginExit();
        // Both hand over synchronously: the processor exports in the call, and the ledger
        // needs no loop to be read. A host's own instruments keep their last interval.
        void batches?.forceFlush().catch(() => undefined);
        push?.exportNow(resource);
        if (!transport.waitAtExit())
          onExportFailure('of the last spans and metrics: not delivered');
      }),
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

/** A process has an id of its own: without one, the sums of two are one series in a Collector. */
function createResource(): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'telemetry.distro.name': SCOPE_NAME }))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
}

/**
 * The sampler that the environment names. Without a trace exporter nothing would be sent,
 * so new roots are not sampled either; a remote parent's decision is passed on as it came.
 */
function createSampler({ otlp, sampler: { name, ratio } }: Config): Sampler {
  if (!otlp.traces) return new ParentBasedSampler({ root: new AlwaysOffSampler() });
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
  const wanted = propagators.includes('none') ? [] : propagators;
  return new CompositePropagator({
    propagators: wanted.map((name) =>
      name === 'baggage' ? new W3CBaggagePropagator() : new W3CTraceContextPropagator(),
    ),
  });
}
