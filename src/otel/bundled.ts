import { lazyRequire } from '../lazy-require.js';
import type * as logs from './sdk-logs.js';
import type * as otlp from './sdk-otlp.js';
import type * as prometheus from './sdk-prometheus.js';
import type * as sdk from './sdk.js';

// OpenTelemetry's packages take longer to load than all of the rest, so that each part of
// them is bundled into one file, which is loaded by whoever cannot do without it.

/** The SDK itself, for a host that has none. */
export function loadSdk(): typeof sdk {
  return lazyRequire('./sdk.cjs') as typeof sdk;
}

/** The stock text of what no document names. */
export function loadPrometheus(): typeof prometheus {
  return lazyRequire('./sdk-prometheus.cjs') as typeof prometheus;
}

/** OTLP's serializers. */
export function loadOtlp(): typeof otlp {
  return lazyRequire('./sdk-otlp.cjs') as typeof otlp;
}

/** The SDK of log records. */
export function loadLogs(): typeof logs {
  return lazyRequire('./sdk-logs.cjs') as typeof logs;
}
