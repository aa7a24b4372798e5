import { assemble } from './assembly.js';
import { INHERITED_VARIABLE, type Config } from './config/config.js';
import { install } from './events/runtime.js';
import { Ledger } from './ledger/ledger.js';
import { createStderrSink } from './log/sink.js';
import { followExit } from './otel/exit.js';
import { startOwnSdk, type OwnSdk } from './otel/own-sdk.js';
import { settleTelemetry, type Telemetry } from './otel/telemetry.js';

/**
 * Starts agent-otel in this process. What has to be there before the host is (the patched
 * built-ins, the runtime of the events) is there at once; what the host may have an opinion
 * on (the SDK, the listener) waits for its first `listen` or its first event.
 */
export function startPreload(config: Config): void {
  let telemetry: Telemetry | undefined;
  let sdk: OwnSdk | undefined;

  const ledger = new Ledger({
    tenantLimit: config.tenantLimit,
    onProblem: (problem) => {
      report('warn', problem);
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
    serializeMetrics: () => sdk?.serializeMetrics(),
  });

  function settle(): Telemetry {
    telemetry = settleTelemetry({
      ledger,
      lineProcessors,
      startOwnSdk: () =>
        (sdk = startOwnSdk({
          config,
          ledger,
          lineProcessors,
          hideTenants: authenticated,
          onExportFailure: (error) => {
            runtime.reportOnce(`export ${error}`, `an OTLP export was given up: ${error}`);
          },
        })),
      onSettled: (found) => {
        report('info', found);
      },
    });
    // Children of a process that has telemetry inherit the preload, and stay quiet.
    process.env[INHERITED_VARIABLE] = String(process.pid);
    followExit({ flush: sdk?.flushAtExit });
    // After the host's own listen: a port that both want is the host's.
    setImmediate(() => {
      admin?.open();
    }).unref();
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
