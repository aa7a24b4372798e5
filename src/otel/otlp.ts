import type { Config, OtlpSignals } from '../config/config.js';
import { lazyRequire } from '../lazy-require.js';
import type { Ledger } from '../ledger/ledger.js';
import { GRPC_PACKAGE } from './otlp-channel.js';
import { createOtlpTransport, type OtlpTransport } from './otlp-transport.js';

/** What leaves this process, whoever's SDK makes its spans. */
export interface Otlp {
  /** The signals that can be sent: those that were asked for and whose package is there. */
  readonly signals: OtlpSignals;
  /** Undefined when nothing is sent. */
  readonly transport: OtlpTransport | undefined;
}

/**
 * Makes the transport of the signals that the configuration names.
 *
 * @param options.onProblem told in one sentence that what is asked for is not installed.
 * @param options.onFailure told once for each kind of failure that a request was given up.
 */
export function startOtlp(options: {
  config: Config;
  ledger: Ledger;
  onProblem: (problem: string) => void;
  onFailure: (error: string) => void;
}): Otlp {
  const signals = installed(options.config.otlp, options.onProblem);
  if (Object.values(signals).every((protocol) => protocol === undefined)) {
    return { signals, transport: undefined };
  }
  const { exportDropped } = options.ledger.tables;
  const transport = createOtlpTransport({
    protocols: signals,
    onFailure: options.onFailure,
    onLost: (signal, items) => {
      exportDropped.add(exportDropped.row(signal.toLowerCase()), items);
    },
  });
  return { signals, transport };
}

function installed(signals: OtlpSignals, onProblem: (problem: string) => void): OtlpSignals {
  if (!Object.values(signals).includes('grpc')) return signals;
  try {
    lazyRequire.resolve(GRPC_PACKAGE);
    return signals;
  } catch {
    const names = Object.keys(signals) as (keyof OtlpSignals)[];
    const wanted = names.filter((name) => signals[name] === 'grpc');
    onProblem(
      `the protocol grpc (of ${wanted.join(', ')}) needs ${GRPC_PACKAGE}, which is not installed ` +
        '(npm install it beside agent-otel, or use http/protobuf); nothing of that is sent',
    );
    return { ...signals, ...Object.fromEntries(wanted.map((name) => [name, undefined])) };
  }
}
