import type { InstrumentationScope } from '@opentelemetry/core';
import type {
  AggregationTemporality,
  CollectionResult,
  InstrumentType,
  MetricProducer,
  ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { SCOPE_NAME } from '../catalog/instruments.js';
import type { Ledger, LedgerSnapshot } from '../ledger/ledger.js';
import { sumAway } from '../ledger/sum-away.js';
import type { TableSnapshot } from '../ledger/table.js';
import { toHrTime } from './hr-time.js';
import { toMetricData } from './metric-data.js';
import { CUMULATIVE, DELTA, INSTRUMENT_TYPES } from './sdk-values.js';

const SCOPE: InstrumentationScope = { name: SCOPE_NAME };

/** How a reader wants its instruments; the same function that the reader itself has. */
type TemporalitySelector = (instrument: InstrumentType) => AggregationTemporality;

/** A metric producer that can also answer at once, for a process that is ending. */
export interface LedgerMetricProducer extends MetricProducer {
  /** The same metrics without waiting for observed gauges. */
  collectNow(): ScopeMetrics[];
}

/**
 * The ledger as a metric producer: OpenTelemetry's way to plug a source that aggregates by
 * itself into a reader. Each reader needs a producer of its own, because delta temporality
 * is the difference from what that reader was last given.
 *
 * @param options.temporality the reader's selector; everything is cumulative without one.
 * @param options.without an attribute to sum away.
 * @param options.observes false when somebody else reads the observed gauges beforehand.
 */
export function createMetricProducer(
  ledger: Ledger,
  options: { temporality?: TemporalitySelector; without?: string; observes?: boolean } = {},
): LedgerMetricProducer {
  const temporality = options.temporality ?? ((): AggregationTemporality => CUMULATIVE);
  let last: LedgerSnapshot | undefined;

  function produce(snapshot: LedgerSnapshot): ScopeMetrics[] {
    const previous = last;
    last = snapshot;
    const end = toHrTime(snapshot.timeMs);
    const metrics = Object.entries(snapshot.tables).flatMap(([key, current]) => {
      const kind = temporality(INSTRUMENT_TYPES[current.declaration.kind]);
      const before =
        kind === DELTA && previous !== undefined
          ? previous.tables[key as keyof typeof previous.tables]
          : undefined;
      const changed = before === undefined ? current : difference(current, before);
      const table = options.without === undefined ? changed : sumAway(changed, options.without);
      if (table.size === 0) return [];
      const start =
        kind === DELTA ? (previous?.timeMs ?? snapshot.startTimeMs) : snapshot.startTimeMs;
      return [toMetricData(table, { start: toHrTime(start), end, temporality: kind })];
    });
    return [{ scope: SCOPE, metrics }];
  }

  return {
    async collect(): Promise<CollectionResult> {
      if (options.observes !== false) await ledger.observers.run();
      const scopeMetrics = produce(ledger.snapshot());
      // The reader keeps its provider's resource and ignores a producer's.
      const resource = { attributes: {}, merge: () => resource, getRawAttributes: () => [] };
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
    },
    collectNow: () => produce(ledger.snapshot()),
  };
}

/** Rows are only ever added, so a row number means the same in both. */
function difference(current: TableSnapshot, before: TableSnapshot): TableSnapshot {
  const minus = (cells: Float64Array, earlier: Float64Array): Float64Array =>
    cells.map((value, i) => value - (earlier[i] ?? 0));
  return {
    ...current,
    values: minus(current.values, before.values),
    sums: minus(current.sums, before.sums),
    buckets: minus(current.buckets, before.buckets),
  };
}
