import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation, trace, type MeterProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { assemble } from './assembly.js';
import { SCOPE_NAME } from './catalog/instruments.js';
import { readConfig, type Config } from './config/config.js';
import { currentRuntime, install } from './events/runtime.js';
import { Ledger } from './ledger/ledger.js';
import type { EndedSpanProcessor } from './log/ended-span.js';
import { createStderrSink } from './log/sink.js';
import { createLogRecordProcessor } from './otel/log-records.js';
import { createMeterInstruments } from './otel/meter-instruments.js';
import { createMetricProducer } from './otel/metric-producer.js';
import { createRecordingSampler } from './otel/sampler.js';
import { createTracing } from './otel/tracing.js';

/** What a host may set in code; what it leaves out comes from the environment. */
export type AgentTelemetryOptions = Partial<
  Pick<
    Config,
    | 'dialect'
    | 'inline'
    | 'accessLog'
    | 'verbose'
    | 'apiKeysFile'
    | 'rulesFile'
    | 'tenantHeader'
    | 'tenantLimit'
    | 'logLevel'
  >
> & {
  /** Takes our lines, each whole with its line feed; standard error when absent. */
  readonly write?: (line: string) => void;
};

/** The parts that a host puts into an OpenTelemetry SDK of its own. */
export interface AgentTelemetry {
  /** Write the access, timing and resume lines. For the SDK's `spanProcessors`. */
  readonly spanProcessors: SpanProcessor[];
  /**
   * Emits the access, timing and resume records on a LoggerProvider, whether or not the lines
   * are written. For the SDK's `spanProcessors`, beside those above.
   */
  logRecordProcessor(provider: Pick<LoggerProvider, 'getLogger'>): SpanProcessor;
  /**
   * Lets the line of every request be written at any sampling rate; exports nothing more.
   * To be wrapped around the whole of the SDK's sampler.
   */
  recordingSampler(sampler: Sampler): Sampler;
  /**
   * Puts the canonical instruments on a MeterProvider. Use this or `metricProducer`, not
   * both on one provider. Returns what takes them off.
   */
  instrument(provider: MeterProvider): () => void;
  /** The same metrics as a producer for a reader's `metricProducers`; one for each reader. */
  metricProducer(): MetricProducer;
  /**
   * Starts: events are recorded, and every HTTP server of the process is followed. With
   * `inline` the documented paths are answered on the host's own listeners.
   */
  start(): void;
  /** Answers a documented path; false leaves the request to the host. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Opens the admin listener, where the environment does not turn it off. */
  openAdminListener(): void;
  /** Undoes `start` and closes the admin listener. */
  stop(): void;
}

/**
 * Makes the parts for an OpenTelemetry SDK that the host constructs itself, in place of the
 * preload. Spans go to whatever provider the host registers with `@opentelemetry/api`.
 *
 * @example
 * const agent = createAgentTelemetry({ dialect: 'wasmrun', inline: true });
 * const tracerProvider = new NodeTracerProvider({
 *   sampler: agent.recordingSampler(new ParentBasedSampler({ root: new AlwaysOnSampler() })),
 *   spanProcessors: [...agent.spanProcessors, new BatchSpanProcessor(exporter)],
 * });
 * tracerProvider.register();
 * agent.instrument(meterProvider);
 * agent.start();
 */
export function createAgentTelemetry(options: AgentTelemetryOptions = {}): AgentTelemetry {
  const { write, ...settings } = options;
  const config: Config = { ...readConfig(process.env), ...settings };
  const ledger = new Ledger({
    tenantLimit: config.tenantLimit,
    onProblem: (problem, error) => {
      assembly.report('warn', problem, error);
    },
  });
  const sink = createStderrSink({
    onDrop: (lines) => {
      ledger.tables.logDropped.add(0, lines);
    },
  });
  const tracing = createTracing({
    tracer: trace.getTracer(SCOPE_NAME),
    contextManager: context,
    propagator: propagation,
  });
  const assembly = assemble({
    config,
    ledger,
    write: write ?? sink.write,
    tracing: () => tracing,
    isSettled: () => true,
    serializeMetrics: () => undefined,
  });
  const undo: (() => void)[] = [];
  // Where the preload runs as well it has the lines and records, and these have nothing to say.
  const whileInstalled = (processor: EndedSpanProcessor): SpanProcessor => ({
    ...processor,
    onEnd: (span) => {
      if (currentRuntime() === assembly.runtime) processor.onEnd(span);
    },
  });

  return {
    spanProcessors: assembly.lineProcessors.map(whileInstalled),
    logRecordProcessor(provider) {
      const logger = provider.getLogger(SCOPE_NAME);
      return whileInstalled(createLogRecordProcessor(() => logger));
    },
    recordingSampler: createRecordingSampler,
    instrument: (provider) => createMeterInstruments(ledger, provider),
    metricProducer: () => createMetricProducer(ledger),
    start() {
      if (config.disabled) return;
      if (currentRuntime() !== undefined) {
        assembly.report('warn', 'agent-otel runs in this process already; start does nothing');
        return;
      }
      install(assembly.runtime);
      process.once('exit', sink.flushAtExit);
      const instrumentation = assembly.instrument(assembly.announce);
      undo.push(
        () => {
          instrumentation.stop();
        },
        () => process.removeListener('exit', sink.flushAtExit),
        () => {
          install(undefined);
        },
      );
    },
    handle: (request, response) => assembly.router.inline(request, response),
    openAdminListener: () => assembly.admin?.open(),
    stop() {
      for (const off of undo.splice(0)) off();
      assembly.admin?.close();
    },
  };
}
