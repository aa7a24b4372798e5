/**
 * The thread that sends OTLP. It exists so that the network can neither hold the host's
 * event loop nor be cut off by the host's `process.exit`: the main thread hands over bytes
 * and, at the end, waits for this thread's answers without a loop of its own.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { ExportResultCode } from '@opentelemetry/core';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import {
  ANSWERED,
  LAST_ATTEMPT_MS,
  SIGNAL_PATHS,
  UNREACHABLE,
  type ExportAnswer,
  type ExportRequest,
  type OtlpSignal,
} from './otlp-channel.js';

type Delegate = ReturnType<typeof createOtlpHttpExportDelegate<Uint8Array, undefined>>;

const shared = new Int32Array(workerData as SharedArrayBuffer);
const delegates = new Map<string, Delegate>();

/** The stock delegate: endpoint, headers, TLS, compression, time-out and retries are its own. */
function delegateFor(signal: OtlpSignal, last: boolean): Delegate {
  const key = `${signal} ${last}`;
  let delegate = delegates.get(key);
  if (delegate === undefined) {
    delegate = createOtlpHttpExportDelegate<Uint8Array, undefined>(
      // Deprecated, and still the one way to have the stock reading of the variables.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      convertLegacyHttpOptions(
        last ? { timeoutMillis: LAST_ATTEMPT_MS } : {},
        signal,
        SIGNAL_PATHS[signal],
        { 'Content-Type': 'application/x-protobuf' },
      ),
      // The main thread has serialized the request: it alone can, once the process is ending.
      { serializeRequest: (body) => body, deserializeResponse: () => undefined },
      'otlp_http_exporter',
      { name: signal === 'TRACES' ? 'span' : 'metric_data_point', countItems: () => 0 },
      undefined,
    );
    delegates.set(key, delegate);
  }
  return delegate;
}

function answer(request: ExportRequest, error: string | undefined): void {
  if (error !== undefined && request.last) Atomics.store(shared, UNREACHABLE, 1);
  Atomics.add(shared, ANSWERED, 1);
  Atomics.notify(shared, ANSWERED);
  const { signal, items, body } = request;
  parentPort?.postMessage({ signal, items, bytes: body.length, error } satisfies ExportAnswer);
}

parentPort?.on('message', (request: ExportRequest) => {
  try {
    delegateFor(request.signal, request.last).export(request.body, (result) => {
      answer(
        request,
        result.code === ExportResultCode.SUCCESS ? undefined : (result.error?.message ?? 'failed'),
      );
    });
  } catch (error) {
    answer(request, String(error));
  }
});
