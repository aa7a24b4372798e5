/**
 * The thread that sends OTLP. It exists so that the network can neither hold the host's
 * event loop nor be cut off by the host's `process.exit`: the main thread hands over bytes
 * and, at the end, waits for this thread's answers without a loop of its own.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { ExportResultCode } from '@opentelemetry/core';
import {
  ANSWERED,
  LAST_ANSWERED,
  LAST_FAILED,
  protocolOf,
  type Delegate,
  type ExportAnswer,
  type ExportRequest,
  type WorkerData,
} from './otlp-channel.js';
import { createDelegate } from './otlp-delegates.js';

const { shared: buffer, protocols } = workerData as WorkerData;
const shared = new Int32Array(buffer);
/** Requests of one kind that are sent at once; the stock delegate refuses more than 30. */
const MAX_CONCURRENT = 16;

interface Lane {
  readonly delegate: Delegate;
  readonly waiting: ExportRequest[];
  running: number;
}
const lanes = new Map<string, Lane>();

function laneOf({ signal, last }: ExportRequest): Lane {
  const key = `${signal} ${last}`;
  let lane = lanes.get(key);
  if (lane === undefined) {
    const delegate = createDelegate(signal, { protocol: protocolOf(protocols, signal), last });
    lane = { delegate, waiting: [], running: 0 };
    lanes.set(key, lane);
  }
  return lane;
}

function proceed(lane: Lane): void {
  while (lane.running < MAX_CONCURRENT) {
    const request = lane.waiting.shift();
    if (request === undefined) return;
    lane.running++;
    lane.delegate.export(request.body, ({ code, error }) => {
      lane.running--;
      answer(request, code === ExportResultCode.SUCCESS ? undefined : (error?.message ?? 'failed'));
      proceed(lane);
    });
  }
}

function answer(request: ExportRequest, error: string | undefined): void {
  if (request.last) {
    if (error !== undefined) Atomics.add(shared, LAST_FAILED, 1);
    Atomics.add(shared, LAST_ANSWERED, 1);
  }
  Atomics.add(shared, ANSWERED, 1);
  Atomics.notify(shared, ANSWERED);
  const { signal, items, body } = request;
  parentPort?.postMessage({ signal, items, bytes: body.length, error } satisfies ExportAnswer);
}

parentPort?.on('message', (request: ExportRequest) => {
  try {
    const lane = laneOf(request);
    lane.waiting.push(request);
    proceed(lane);
  } catch (error) {
    answer(request, String(error));
  }
});
