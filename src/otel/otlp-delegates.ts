/* eslint-disable @typescript-eslint/no-deprecated -- deprecated, and still the one way to have
   the stock reading of the variables. */
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type * as grpc from '@opentelemetry/otlp-grpc-exporter-base';
import type { OtlpProtocol } from '../config/config.js';
import { lazyRequire } from '../lazy-require.js';
import { GRPC_PACKAGE, LAST_ATTEMPT_MS, type Delegate, type OtlpSignal } from './otlp-channel.js';
import { withRetries } from './otlp-retry.js';

/** Where each signal goes: below an HTTP endpoint, and by its service. */
const TARGETS = {
  TRACES: { path: 'v1/traces', service: 'trace.v1.TraceService', component: 'span' },
  METRICS: {
    path: 'v1/metrics',
    service: 'metrics.v1.MetricsService',
    component: 'metric_data_point',
  },
  LOGS: { path: 'v1/logs', service: 'logs.v1.LogsService', component: 'log' },
} as const;

/** The main thread has serialized the request: it alone can, once the process is ending. */
const SERIALIZED = {
  serializeRequest: (body: Uint8Array) => body,
  deserializeResponse: () => undefined,
};

/**
 * The stock delegate of a signal: endpoint, headers, TLS, compression, time-out and retries
 * are its own.
 *
 * @param options.last whether the process is ending, so that a single attempt must be short.
 * @throws when gRPC is asked for and its package is not installed.
 */
export function createDelegate(
  signal: OtlpSignal,
  { protocol, last }: { protocol: OtlpProtocol | undefined; last: boolean },
): Delegate {
  const { path, service, component } = TARGETS[signal];
  const options = last ? { timeoutMillis: LAST_ATTEMPT_MS } : {};
  const metrics = { name: component, countItems: () => 0 };
  if (protocol === 'grpc') {
    const { convertLegacyOtlpGrpcOptions, createOtlpGrpcExportDelegate } = lazyRequire(
      GRPC_PACKAGE,
    ) as typeof grpc;
    const name = `opentelemetry.proto.collector.${service}`;
    const configuration = convertLegacyOtlpGrpcOptions(options, signal);
    const delegate = createOtlpGrpcExportDelegate<Uint8Array, undefined>(
      configuration,
      SERIALIZED,
      'otlp_grpc_exporter',
      metrics,
      undefined,
      name,
      `/${name}/Export`,
    );
    return last ? delegate : withRetries(delegate, { timeoutMs: configuration.timeoutMillis });
  }
  return createOtlpHttpExportDelegate<Uint8Array, undefined>(
    convertLegacyHttpOptions(options, signal, path, { 'Content-Type': 'application/x-protobuf' }),
    SERIALIZED,
    'otlp_http_exporter',
    metrics,
    undefined,
  );
}
