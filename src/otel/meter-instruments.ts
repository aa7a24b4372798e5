import type {
  Attributes,
  BatchObservableResult,
  Histogram,
  Meter,
  MeterProvider,
  Observable,
} from '@opentelemetry/api';
import type { InstrumentDeclaration } from '../catalog/instrument.js';
import { INSTRUMENTS, SCOPE_NAME, type InstrumentKey } from '../catalog/instruments.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Table, TableSnapshot } from '../ledger/table.js';
import { attributesOf } from './metric-data.js';

/**
 * Attribute sets that an SDK keeps for an instrument unless told otherwise. Past it an
 * observable reports wrong totals, so the tail is summed here first.
 */
const SDK_CARDINALITY_LIMIT = 2000;
/** The specification's attribute set for what was folded. */
const OVERFLOW_ATTRIBUTES: Attributes = { 'otel.metric.overflow': true };

/**
 * The canonical instruments on a host's own MeterProvider: counters read the ledger's
 * cells in one batch callback, histograms are recorded as the events happen. Returns what
 * takes them off again.
 */
export function createMeterInstruments(ledger: Ledger, provider: MeterProvider): () => void {
  const meter = provider.getMeter(SCOPE_NAME);
  const observables = new Map<Observable, InstrumentKey>();
  const undo: (() => void)[] = [];
  for (const [key, declaration] of declarations()) {
    if (declaration.kind === 'histogram') {
      undo.push(recordInto(ledger.tables[key], createHistogram(meter, declaration)));
    } else {
      observables.set(createObservable(meter, declaration), key);
    }
  }
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const { tables } = await ledger.observe();
    for (const [observable, key] of observables) report(result, { observable, table: tables[key] });
  };
  const observed = [...observables.keys()];
  meter.addBatchObservableCallback(observe, observed);
  undo.push(() => {
    meter.removeBatchObservableCallback(observe, observed);
  });
  return () => {
    for (const off of undo) off();
  };
}

function declarations(): [InstrumentKey, InstrumentDeclaration][] {
  return Object.entries(INSTRUMENTS) as [InstrumentKey, InstrumentDeclaration][];
}

function createHistogram(
  meter: Meter,
  { name, description, unit, boundaries }: InstrumentDeclaration,
): Histogram {
  return meter.createHistogram(name, {
    description,
    unit,
    advice: { explicitBucketBoundaries: [...(boundaries ?? [])] },
  });
}

function createObservable(
  meter: Meter,
  { name, description, unit, kind }: InstrumentDeclaration,
): Observable {
  return kind === 'counter'
    ? meter.createObservableCounter(name, { description, unit })
    : meter.createObservableUpDownCounter(name, { description, unit });
}

function recordInto(table: Table, histogram: Histogram): () => void {
  const attributes: Attributes[] = [];
  const scale = table.declaration.scale ?? 1;
  table.onRecord = (row, measurement) => {
    attributes[row] ??= attributesOf(table.declaration, table.valuesOf(row));
    histogram.record(measurement * scale, attributes[row]);
  };
  return () => {
    table.onRecord = undefined;
  };
}

function report(
  result: BatchObservableResult,
  { observable, table }: { observable: Observable; table: TableSnapshot },
): void {
  // One set is the SDK's own overflow, one is ours.
  const own = table.size < SDK_CARDINALITY_LIMIT ? table.size : SDK_CARDINALITY_LIMIT - 2;
  for (let row = 0; row < own; row++) {
    const attributes = attributesOf(table.declaration, table.valuesOf(row));
    result.observe(observable, table.values[row] ?? 0, attributes);
  }
  if (own === table.size) return;
  const tail = table.values.subarray(own).reduce((total, value) => total + value, 0);
  result.observe(observable, tail, OVERFLOW_ATTRIBUTES);
}
