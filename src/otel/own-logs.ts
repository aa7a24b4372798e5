import type { Logger, LoggerProvider } from '@opentelemetry/api-logs';
import type { Resource } from '@opentelemetry/resources';
import type * as sdk from '@opentelemetry/sdk-logs';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { Config } from '../config/config.js';
import type { EndedSpanProcessor } from '../log/ended-span.js';
import { loadLogs } from './bundled.js';
import { createLogRecordProcessor } from './log-records.js';
import { createOtlpLogSender } from './otlp-exporters.js';
import type { OtlpTransport } from './otlp-transport.js';

/** The log records of a process. */
export interface OwnLogs {
  readonly spanProcessor: EndedSpanProcessor;
  /** Hands over what has been emitted, synchronously. */
  handOver(): void;
}

/** Where the logs API keeps the provider that a host has registered; a getter by version. */
const SLOT = Symbol.for('io.opentelemetry.js.api.logs');
const COMPATIBLE_VERSION = 1;
const slots = globalThis as {
  [SLOT]?: ((version: number) => LoggerProvider | undefined) | undefined;
};

/**
 * Starts emitting log records: to the LoggerProvider that the host has registered, as soon
 * as it has, and else over the transport. Ours is not registered: one that a host brings
 * later could not take its place.
 *
 * @param options.transport undefined where the records cannot be sent by us.
 */
export function startOwnLogs(options: {
  config: Config;
  resource: () => Resource;
  transport: OtlpTransport | undefined;
}): OwnLogs {
  const own = options.transport && createOwnLogger({ ...options, transport: options.transport });
  return {
    spanProcessor: createLogRecordProcessor(() => hostsLogger() ?? own?.logger),
    handOver: () => {
      own?.handOver();
    },
  };
}

function createOwnLogger(options: {
  config: Config;
  resource: () => Resource;
  transport: OtlpTransport;
}): { logger: Logger; handOver: () => void } {
  const { LoggerProvider } = loadLogs();
  const batches = createLogBatches({
    ...options.config.logBatch,
    send: createOtlpLogSender(options),
  });
  const own = new LoggerProvider({ resource: options.resource(), processors: [batches] });
  return {
    logger: own.getLogger(SCOPE_NAME),
    handOver: () => {
      batches.handOver();
    },
  };
}

function hostsLogger(): Logger | undefined {
  return slots[SLOT]?.(COMPATIBLE_VERSION)?.getLogger(SCOPE_NAME);
}

/**
 * Gathers records and hands them over in batches. The SDK's own batch processor awaits its
 * exporter, which an ending process has no turn of the loop left for; here nothing waits,
 * because the transport keeps what cannot be sent yet, within its bound.
 */
export function createLogBatches(options: {
  scheduledDelayMs: number;
  maxSize: number;
  send: (records: sdk.ReadableLogRecord[]) => void;
}): sdk.LogRecordProcessor & { handOver(): void } {
  let records: sdk.ReadableLogRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  const handOver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (records.length === 0) return;
    const batch = records;
    records = [];
    options.send(batch);
  };
  return {
    onEmit(record) {
      records.push(record);
      if (records.length >= options.maxSize) handOver();
      else timer ??= setTimeout(handOver, options.scheduledDelayMs).unref();
    },
    handOver,
    forceFlush: () => {
      handOver();
      return Promise.resolve();
    },
    shutdown: () => {
      handOver();
      return Promise.resolve();
    },
  };
}
