import { ATTR_TENANT_ID } from './catalog/attributes.js';
import { assemble } from './assembly.js';
import { INHERITED_VARIABLE, type Config } from './config/config.js';
import { install } from './events/runtime.js';
import { Ledger } from './ledger/ledger.js';
import { createReport } from './log/self-report.js';
import { createStderrSink } from './log/sink.js';
import { followDiag } from './otel/diag.js';
import { followExit } from './otel/exit.js';
import { createMetricProducer } from './otel/metric-producer.js';
import { createPrometheusBridge, type PrometheusBridge } from './otel/prometheus-bridge.js';
import { startTelemetry } from './otel/start.js';
import type { Telemetry } from './otel/telemetry.js';

/**
 * Starts agent-otel in this process. What has to be there before the host is (the patched
 * built-ins, the runtime of the events) is there at once; what the host may have an opinion
 * on (the SDK, the listener) waits for its first `listen` or its first event.
 */
export function startPreload(config: Config): void {
  let telemetry: Telemetry | undefined;

  const ledger = new Ledger({
    tenantLimit: config.tenantLimit,
    onProblem: (problem, error) => {
      report('warn', problem, error);
    },
  });
  const sink = createStderrSink({
    onDrop: (lines) => {
      ledger.tables.logDropped.add(0, lines);
    },
  });
  const { runtime, report, admin, authenticated, lineProcessors, instrument, announce } = assemble({
    config,
    ledger,
    write: sink.write,
    tracing: () => (telemetry ?? settle()).tracing,
    isSettled: () => telemetry !== undefined,
    serializeMetrics: () => bridge().serialize(),
  });

  let bound: PrometheusBridge | undefined;
  const bridge = (): PrometheusBridge =>
    (bound ??= createPrometheusBridge(
      createMetricProducer(ledger, {
        observes: false,
        ...(authenticated && { without: ATTR_TENANT_ID }),
      }),
    ));

  function settle(): Telemetry {
    if (config.otelLogLevel !== undefined) {
      const write = createReport({ level: 'debug', json: config.jsonLines, write: sink.write });
      followDiag({ level: config.otelLogLevel, write });
    }
    const started = startTelemetry({
      config,
      ledger,
      lineProcessors,
      bridge,
      onSettled: (found) => {
        report('info', found);
      },
      onProblem: (problem) => {
        report('warn', problem);
      },
      onExportFailure: (error) => {
        runtime.reportOnce(`export ${error}`, `an OTLP export was given up, ${error}`);
      },
    });
    telemetry = started;
    announce();
    // Children of a process that has telemetry inherit the preload, and stay quiet.
    process.env[INHERITED_VARIABLE] = String(process.pid);
    const { flushAtExit } = started;
    if (flushAtExit !== undefined) {
      followExit(() => {
        instrumentation.endAll();
        sink.flushAtExit();
        flushAtExit();
      });
    }
    // After the host's own listen: a port that both want is the host's.
    setImmediate(() => admin?.open());
    return telemetry;
  }

  install(runtime);
  process.once('exit', () => {
    sink.flushAtExit();
  });
  const instrumentation = instrument(() => {
    if (telemetry === undefined) settle();
  });
}
