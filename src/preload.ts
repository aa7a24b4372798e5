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
import { startOtlp } from './otel/otlp.js';
import { startOwnLogs } from './otel/own-logs.js';
import { startOwnSdk, type OwnSdk } from './otel/own-sdk.js';
import { PrometheusBridge } from './otel/prometheus-bridge.js';
import { createResource } from './otel/resource.js';
import { settleTelemetry, type Telemetry } from './otel/telemetry.js';

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
  const { runtime, report, admin, authenticated, lineProcessors, instrumentHttp } = assemble({
    config,
    ledger,
    write: sink.write,
    tracing: () => (telemetry ?? settle()).tracing,
    serializeMetrics: () => bridge.serialize(),
  });

  const bridge = new PrometheusBridge(
    createMetricProducer(ledger, {
      observes: false,
      ...(authenticated && { without: ATTR_TENANT_ID }),
    }),
  );

  const onFailure = (error: string): void => {
    runtime.reportOnce(`export ${error}`, `an OTLP export was given up, ${error}`);
  };

  function settle(): Telemetry {
    if (config.otelLogLevel !== undefined) {
      const write = createReport({ level: 'debug', json: config.jsonLines, write: sink.write });
      followDiag({ level: config.otelLogLevel, write });
    }
    const resource = createResource();
    const { signals, transport } = startOtlp({
      config,
      ledger,
      onProblem: (problem) => {
        report('warn', problem);
      },
      onFailure,
    });
    const settled = { ...config, otlp: signals };
    const logs =
      transport !== undefined && signals.logs !== undefined
        ? startOwnLogs({ config, resource, transport })
        : undefined;
    const spanProcessors = [...lineProcessors, ...(logs === undefined ? [] : [logs.spanProcessor])];
    let sdk: OwnSdk | undefined;
    telemetry = settleTelemetry({
      ledger,
      spanProcessors,
      startOwnSdk: () =>
        (sdk = startOwnSdk({
          config: settled,
          ledger,
          spanProcessors,
          bridge,
          resource,
          transport,
        })),
      onSettled: (found) => {
        report('info', found);
      },
    });
    // Children of a process that has telemetry inherit the preload, and stay quiet.
    process.env[INHERITED_VARIABLE] = String(process.pid);
    if (transport !== undefined && (sdk !== undefined || logs !== undefined)) {
      followExit(() => {
        sink.flushAtExit();
        transport.beginExit();
        sdk?.handOver();
        logs?.handOver();
        if (!transport.waitAtExit()) onFailure('of what was sent last: not delivered');
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
  instrumentHttp(() => {
    if (telemetry === undefined) settle();
  });
}
