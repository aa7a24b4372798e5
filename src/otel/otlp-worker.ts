/**
 * The thread that sends OTLP. It exists so that the network can neither hold the host's
 * event loop nor be cut off by the host's `process.exit`: the main thread hands over bytes
 * and, at the end, waits for this thread's answers without a loop of its own.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { ExportResultCode } from '@opentelemetry/core';
import {
  ANSWERED,
  protocolOf,
  UNREACHABLE,
  type ExportAnswer,
  type ExportRequest,
  type WorkerData,
} from './otlp-channel.js';
import { createDelegate, type Delegate } from './otlp-delegates.js';

const { shared: buffer, protocols } = workerData as WorkerData;
const shared = new Int32Array(buffer);
const delegates = new Map<string, Delegate>();

function delegateFor({ signal, last }: ExportRequest): Delegate {
  const key = `${signal} ${last}`;
  let delegate = delegates.get(key);
  if (delegate === undefined) {
    delegate = createDelegate(signal, { protocol: protocolOf(protocols, signal), last });
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
    delegateFor(request).export(request.body, (result) => {
      answer(
        request,
        result.code === ExportResultCode.SUCCESS ? undefined : (result.error?.message ?? 'failed'),
      );
    });
  } catch (error) {
    answer(request, String(error));
  }
});
