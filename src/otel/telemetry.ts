import type { MeterProvider } from '@opentelemetry/api';
import type { Tracing } from '../events/runtime.js';
import type { Ledger } from '../ledger/ledger.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import { apiGlobals, loadedApis, loadEsApis } from './api-globals.js';
import { createAttachedTracing } from './attached-tracing.js';
import { createMeterInstruments } from './meter-instruments.js';
import type { OwnSdk } from './own-sdk.js';
import {
  NOT_REGISTERED,
  registerGlobally,
  watchRegistrations,
  type ProviderListener,
} from './registration.js';

/** Whose SDK carries our spans. */
export interface Telemetry {
  /** Asked for at every event; another one once a host has registered an SDK of its own. */
  readonly tracing: Tracing;
}

export interface TelemetryOptions {
  readonly ledger: Ledger;
  readonly spanProcessors: readonly EndedSpanProcessor[];
  /** Starts our own SDK; called at most once, and only where the host has none. */
  readonly startOwnSdk: () => OwnSdk;
  /** Told in one sentence what was found. */
  readonly onSettled: (found: string) => void;
}

/**
 * Settles whose SDK it is: a host that has registered a provider keeps it and we attach; a
 * host that has none gets ours, and keeps its right to register one later.
 */
export function settleTelemetry(options: TelemetryOptions): Telemetry {
  const { ledger, spanProcessors, onSettled } = options;
  let hasAdopted = false;
  const attached = createAttachedTracing({
    globals: apiGlobals,
    processors: spanProcessors,
    onAdopted() {
      if (hasAdopted) return;
      hasAdopted = true;
      onSettled('server spans are those of the host, which makes them itself');
    },
  });
  let removeInstruments: (() => void) | undefined;
  const instrument = (provider: MeterProvider): void => {
    removeInstruments?.();
    removeInstruments = createMeterInstruments(ledger, provider);
  };

  const found = apiGlobals();
  const telemetry = { tracing: attached };
  let ours = NOT_REGISTERED;
  if (found.trace === undefined) {
    const sdk = options.startOwnSdk();
    telemetry.tracing = sdk.tracing;
    ours = registerGlobally(sdk);
    onSettled('the host has no OpenTelemetry SDK: ours is registered');
  } else {
    onSettled('attached to the OpenTelemetry SDK that the host has registered');
  }
  if (found.metrics !== undefined) instrument(found.metrics);

  const listener: ProviderListener = {
    onTracerProvider() {
      telemetry.tracing = attached;
      onSettled('the host has registered an OpenTelemetry SDK: attached to it');
    },
    onMeterProvider: instrument,
  };
  watchRegistrations(loadedApis(), { ours, listener });
  // A host that imports the API as an ES module may have an instance of its own.
  void loadEsApis().then(
    (apis) => {
      for (const api of apis) ours.delegate(api);
      watchRegistrations(apis, { ours, listener });
    },
    () => undefined,
  );
  return telemetry;
}
