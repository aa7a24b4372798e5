import { Worker } from 'node:worker_threads';
import type { OtlpSignals } from '../config/config.js';
import {
  ANSWERED,
  LAST_ANSWERED,
  LAST_FAILED,
  SHARED_CELLS,
  SIGNALS,
  type ExportAnswer,
  type ExportRequest,
  type OtlpSignal,
  type WorkerData,
} from './otlp-channel.js';
import { lazyRequire } from '../lazy-require.js';

/** Taken before the host's workers are followed: ours is none of them. */
const OwnWorker = Worker;

/**
 * Serialized requests of one signal kept while the endpoint does not answer; more are
 * dropped. One alone is always taken: the metrics of ten thousand tenants are more than this.
 */
const MAX_PENDING_BYTES = 8 << 20;
/** Longest that an ending process waits for the last requests, in milliseconds. */
const EXIT_WAIT_MS = 1500;

/** Sends serialized OTLP requests from a thread of its own. */
export interface OtlpTransport {
  /**
   * Hands a request over, with the number of items that are lost if it is. Its memory goes with
   * it, which no other may share.
   */
  send(signal: OtlpSignal, request: { body: Uint8Array; items: number }): void;
  /** Resolves when everything handed over so far has been answered, or after the bound. */
  drained(timeoutMs: number): Promise<void>;
  /** From now on there is one short attempt for each request. For `exit` alone. */
  beginExit(): void;
  /**
   * Blocks until everything handed over has been answered or the bound is reached. False
   * when something was not delivered.
   */
  waitAtExit(): boolean;
}

/**
 * Starts the thread at the first request. It holds no event loop open, and the host's own
 * `execArgv` (our preload among it) does not reach it.
 *
 * @param options.protocols how each signal is sent.
 * @param options.onFailure told once for each kind of failure that a request was given up.
 * @param options.onLost told of the items that were in it.
 */
export function createOtlpTransport(options: {
  protocols: OtlpSignals;
  onFailure: (error: string) => void;
  onLost: (signal: OtlpSignal, items: number) => void;
}): OtlpTransport {
  const buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * SHARED_CELLS);
  const shared = new Int32Array(buffer);
  let worker: Worker | undefined;
  let handedOver = 0;
  let lastHandedOver = 0;
  const pending: Record<OtlpSignal, { bytes: number; items: number }> = {
    TRACES: { bytes: 0, items: 0 },
    METRICS: { bytes: 0, items: 0 },
    LOGS: { bytes: 0, items: 0 },
  };
  let last = false;
  let waiters: (() => void)[] = [];

  function start(): Worker {
    const started = new OwnWorker(lazyRequire.resolve('./otlp-worker.cjs'), {
      workerData: { shared: buffer, protocols: options.protocols } satisfies WorkerData,
      execArgv: [],
      name: 'agent-otel-otlp',
    });
    started.on('message', ({ signal, items, bytes, error }: ExportAnswer) => {
      pending[signal].bytes -= bytes;
      pending[signal].items -= items;
      if (error !== undefined) lose(signal, { items, error });
      if (isDrained()) release();
    });
    started.on('error', (error) => {
      // What was handed over is lost with the thread; the next request starts another.
      worker = undefined;
      for (const signal of SIGNALS) {
        lose(signal, { items: pending[signal].items, error: String(error) });
        pending[signal] = { bytes: 0, items: 0 };
      }
      Atomics.store(shared, ANSWERED, handedOver);
      release();
    });
    started.unref();
    return started;
  }

  function lose(signal: OtlpSignal, { items, error }: { items: number; error: string }): void {
    if (items === 0) return;
    options.onLost(signal, items);
    options.onFailure(`of ${signal.toLowerCase()}: ${error}`);
  }

  function isDrained(): boolean {
    return Atomics.load(shared, ANSWERED) >= handedOver;
  }

  /**
   * Only requests from before the end are left, which are waiting to be tried again, while one
   * of the last attempts has found nobody.
   */
  function isHopeless(): boolean {
    return (
      Atomics.load(shared, LAST_FAILED) > 0 && Atomics.load(shared, LAST_ANSWERED) >= lastHandedOver
    );
  }

  function release(): void {
    for (const resolve of waiters) resolve();
    waiters = [];
  }

  return {
    send(signal, { body, items }) {
      const waiting = pending[signal];
      if (waiting.bytes > 0 && waiting.bytes + body.length > MAX_PENDING_BYTES) {
        lose(signal, { items, error: 'too many requests are waiting' });
        return;
      }
      worker ??= start();
      handedOver++;
      if (last) lastHandedOver++;
      waiting.bytes += body.length;
      waiting.items += items;
      const request: ExportRequest = { signal, body, items, last };
      worker.postMessage(request, [body.buffer as ArrayBuffer]);
    },
    async drained(timeoutMs) {
      if (isDrained()) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs).unref();
        waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    beginExit() {
      last = true;
    },
    waitAtExit() {
      const deadline = Date.now() + EXIT_WAIT_MS;
      while (!isDrained() && !isHopeless()) {
        const remaining = deadline - Date.now();
        if (remaining <= 0) return false;
        Atomics.wait(shared, ANSWERED, Atomics.load(shared, ANSWERED), Math.min(remaining, 20));
      }
      return Atomics.load(shared, LAST_FAILED) === 0;
    },
  };
}
