import type { Resource } from '@opentelemetry/resources';
import type { Config } from '../config/config.js';
import type { Ledger } from '../ledger/ledger.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import { startOtlp } from './otlp.js';
import { startOwnLogs } from './own-logs.js';
import { startOwnSdk, type OwnSdk } from './own-sdk.js';
import type { PrometheusBridge } from './prometheus-bridge.js';
import { createResource } from './resource.js';
import { settleTelemetry, type Telemetry } from './telemetry.js';

/** What OpenTelemetry does for the preload. */
export interface StartedTelemetry extends Telemetry {
  /**
   * Sends what has not been sent, without an event loop and within a bound. For `exit` and
   * for a signal that ends the process. Undefined when nothing is exported by us.
   */
  readonly flushAtExit: (() => void) | undefined;
}

export interface StartOptions {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly lineProcessors: readonly EndedSpanProcessor[];
  /** Reads what our own SDK collects for the admin listener. */
  readonly bridge: () => PrometheusBridge;
  /** Told in one sentence what was found. */
  readonly onSettled: (found: string) => void;
  readonly onProblem: (problem: string) => void;
  /** Told once for each kind of failure that a request was given up. */
  readonly onExportFailure: (error: string) => void;
}

/** Settles whose SDK it is, and starts what is exported in either case. */
export function startTelemetry(options: StartOptions): StartedTelemetry {
  const { config, ledger, bridge, onExportFailure } = options;
  let described: Resource | undefined;
  const resource = (): Resource => (described ??= createResource());
  const { signals, transport } = startOtlp({ ...options, onFailure: onExportFailure });
  // A LoggerProvider of the host's can send what we cannot.
  const logs =
    config.otlp.logs === undefined
      ? undefined
      : startOwnLogs({ config, resource, transport: signals.logs && transport });
  const spanProcessors = [
    ...options.lineProcessors,
    ...(logs === undefined ? [] : [logs.spanProcessor]),
  ];
  let sdk: OwnSdk | undefined;
  const telemetry = settleTelemetry({
    ledger,
    spanProcessors,
    startOwnSdk: () => {
      const sendable = { ...config, otlp: signals };
      sdk = startOwnSdk({
        config: sendable,
        ledger,
        spanProcessors,
        bridge: bridge(),
        resource: resource(),
        transport,
      });
      return sdk;
    },
    onSettled: options.onSettled,
  });
  const flushAtExit =
    transport === undefined || (sdk === undefined && logs === undefined)
      ? undefined
      : (): void => {
          transport.beginExit();
          sdk?.handOver();
          logs?.handOver();
          if (!transport.waitAtExit()) onExportFailure('of what was sent last: not delivered');
        };
  return Object.assign(telemetry, { flushAtExit });
}
