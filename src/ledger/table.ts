import type { InstrumentDeclaration } from '../catalog/instrument.js';
import type { Domain } from './domain.js';
import { createRowIndex, type RowIndex, type RowValues } from './row-index.js';

/** A copy of a table's numbers at one moment. */
export interface TableSnapshot {
  readonly declaration: InstrumentDeclaration;
  readonly size: number;
  /** The attribute values of a row; rows never change theirs. */
  readonly valuesOf: (row: number) => RowValues;
  /** Current value of a counter; number of measurements of a histogram. */
  readonly values: Float64Array;
  /** Sum of a histogram's measurements as kept, before the declaration's scale. */
  readonly sums: Float64Array;
  /** Histogram buckets, `boundaries + 1` to a row. */
  readonly buckets: Float64Array;
}

const INITIAL_ROWS = 8;

/**
 * The cells of one instrument: a row for each set of attribute values, its numbers in
 * typed arrays. Finding a row is one Map look-up for each open attribute; changing it is an
 * add. Rows are never removed, so a row number can be held for as long as the process.
 */
export class Table {
  readonly declaration: InstrumentDeclaration;
  readonly #boundaries: readonly number[];
  readonly #bucketCount: number;
  readonly #isHistogram: boolean;
  readonly #scale: number;
  readonly #index: RowIndex;
  #values = new Float64Array(INITIAL_ROWS);
  #sums: Float64Array;
  #buckets: Float64Array;
  /** Also told of each measurement: a host's MeterProvider keeps histograms of its own. */
  onRecord: ((row: number, measurement: number) => void) | undefined;

  /** @param domains the values that its attributes may take, in their order. */
  constructor(declaration: InstrumentDeclaration, domains: readonly Domain[]) {
    this.declaration = declaration;
    this.#index = createRowIndex(domains);
    this.#isHistogram = declaration.kind === 'histogram';
    this.#boundaries = declaration.boundaries ?? [];
    this.#bucketCount = this.#boundaries.length === 0 ? 0 : this.#boundaries.length + 1;
    this.#scale = declaration.scale ?? 1;
    this.#sums = new Float64Array(this.#isHistogram ? INITIAL_ROWS : 0);
    this.#buckets = new Float64Array(INITIAL_ROWS * this.#bucketCount);
    this.#createClosedRows();
  }

  get size(): number {
    return this.#index.size;
  }

  /** The row of these attribute values, made when they are new. At most five attributes. */
  row(a?: string, b?: string, c?: string, d?: string, e?: string): number {
    const row = this.#index.rowOf(a, b, c, d, e);
    if (row >= this.#values.length) this.#grow();
    return row;
  }

  /** The attribute values of a row. */
  valuesOf(row: number): RowValues {
    return this.#index.valuesOf(row);
  }

  /** Adds to a counter or an up-down counter. */
  add(row: number, amount: number): void {
    this.#values[row] = (this.#values[row] ?? 0) + amount;
  }

  /** Sets an up-down counter that is read rather than counted. */
  set(row: number, value: number): void {
    this.#values[row] = value;
  }

  get(row: number): number {
    return this.#values[row] ?? 0;
  }

  /** Records a measurement of a histogram, as kept: milliseconds for durations. */
  record(row: number, measurement: number): void {
    this.#values[row] = (this.#values[row] ?? 0) + 1;
    this.#sums[row] = (this.#sums[row] ?? 0) + measurement;
    this.onRecord?.(row, measurement);
    if (this.#bucketCount === 0) return;
    const scaled = measurement * this.#scale;
    let bucket = 0;
    // Bounds are inclusive above, as OpenTelemetry and Prometheus both have it.
    while (bucket < this.#boundaries.length && scaled > (this.#boundaries[bucket] ?? 0)) bucket++;
    const cell = row * this.#bucketCount + bucket;
    this.#buckets[cell] = (this.#buckets[cell] ?? 0) + 1;
  }

  snapshot(): TableSnapshot {
    const { size } = this;
    return {
      declaration: this.declaration,
      size,
      valuesOf: (row) => this.valuesOf(row),
      values: this.#values.slice(0, size),
      sums: this.#sums.slice(0, this.#isHistogram ? size : 0),
      buckets: this.#buckets.slice(0, size * this.#bucketCount),
    };
  }

  /** An instrument without an open attribute has all of its rows from the start, at 0. */
  #createClosedRows(): void {
    let combinations: string[][] = [[]];
    for (const { values } of this.declaration.attributes) {
      if (values === undefined) return;
      combinations = combinations.flatMap((head) => values.map((value) => [...head, value]));
    }
    for (const values of combinations) this.row(...values);
  }

  #grow(): void {
    this.#values = enlarged(this.#values);
    this.#sums = enlarged(this.#sums);
    this.#buckets = enlarged(this.#buckets);
  }
}

function enlarged(cells: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(cells.length * 2);
  larger.set(cells);
  return larger;
}
