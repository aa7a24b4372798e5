import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import type { AggregationTemporality, DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import type { InstrumentDeclaration } from '../catalog/instrument.js';
import { ABSENT } from '../ledger/label-value.js';
import type { RowValues } from '../ledger/row-index.js';
import type { TableSnapshot } from '../ledger/table.js';
import { HISTOGRAM, SUM } from './sdk-values.js';

/** The interval that a set of points covers, and how it is to be read. */
export interface Interval {
  readonly start: HrTime;
  readonly end: HrTime;
  readonly temporality: AggregationTemporality;
}

/** The OpenTelemetry metric of one table. */
export function toMetricData(table: TableSnapshot, interval: Interval): MetricData {
  const { declaration } = table;
  const common = {
    descriptor: {
      name: declaration.name,
      description: declaration.description,
      unit: declaration.unit,
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: interval.temporality,
  };
  return declaration.kind === 'histogram'
    ? {
        ...common,
        dataPointType: HISTOGRAM,
        dataPoints: points(table, { interval, valueOf: (row) => histogramAt(table, row) }),
      }
    : {
        ...common,
        dataPointType: SUM,
        isMonotonic: declaration.kind === 'counter',
        dataPoints: points(table, { interval, valueOf: (row) => table.values[row] ?? 0 }),
      };
}

/** The attributes of a row; an absent one is left out. */
export function attributesOf(declaration: InstrumentDeclaration, row: RowValues): Attributes {
  const attributes: Attributes = {};
  for (const [i, { key, type }] of declaration.attributes.entries()) {
    const value = row[i] ?? ABSENT;
    // What was folded into `_overflow` is no number, whatever the type.
    if (value !== ABSENT)
      attributes[key] = type === 'int' && /^\d+$/.test(value) ? Number(value) : value;
  }
  return attributes;
}

function points<T>(
  table: TableSnapshot,
  { interval, valueOf }: { interval: Interval; valueOf: (row: number) => T },
): DataPoint<T>[] {
  return Array.from({ length: table.size }, (_, row) => ({
    startTime: interval.start,
    endTime: interval.end,
    attributes: attributesOf(table.declaration, table.valuesOf(row)),
    value: valueOf(row),
  }));
}

function histogramAt(
  { declaration, values, sums, buckets }: TableSnapshot,
  row: number,
): { buckets: { boundaries: number[]; counts: number[] }; sum: number; count: number } {
  const boundaries = declaration.boundaries ?? [];
  const count = values[row] ?? 0;
  const width = boundaries.length + 1;
  return {
    buckets: {
      boundaries: [...boundaries],
      // Without boundaries there is the one bucket that everything falls into.
      counts:
        boundaries.length === 0 ? [count] : [...buckets.subarray(row * width, (row + 1) * width)],
    },
    sum: (sums[row] ?? 0) * (declaration.scale ?? 1),
    count,
  };
}
