import type { InstrumentDeclaration } from '../catalog/instrument.js';

/** Attribute values of one row, in the order of the instrument's attributes. */
export type RowValues = readonly string[];

/** A copy of a table at one moment. `rows` is shared with the table: read `size` of them. */
export interface TableSnapshot {
  readonly declaration: InstrumentDeclaration;
  readonly size: number;
  readonly rows: readonly RowValues[];
  /** Current value of a counter; number of measurements of a histogram. */
  readonly values: Float64Array;
  /** Sum of a histogram's measurements as kept, before the declaration's scale. */
  readonly sums: Float64Array;
  /** Histogram buckets, `boundaries + 1` to a row. */
  readonly buckets: Float64Array;
}

type Index = Map<unknown, Index | number>;

const INITIAL_ROWS = 8;

/**
 * The cells of one instrument: a row for each set of attribute values, its numbers in
 * typed arrays. Finding a row is one Map look-up for each attribute; changing it is an
 * add. Rows are never removed, so a row number can be held for as long as the process.
 */
export class Table {
  readonly declaration: InstrumentDeclaration;
  readonly rows: RowValues[] = [];
  readonly #boundaries: readonly number[];
  readonly #bucketCount: number;
  readonly #isHistogram: boolean;
  readonly #scale: number;
  readonly #admit: (attribute: number, value: unknown) => string;
  readonly #index: Index = new Map();
  #values = new Float64Array(INITIAL_ROWS);
  #sums: Float64Array;
  #buckets: Float64Array;
  /** Also told of each measurement: a host's MeterProvider keeps histograms of its own. */
  onRecord: ((row: number, measurement: number) => void) | undefined;

  /**
   * @param options.admit gives the value to count under, for an attribute's position and
   * a value not seen in this table before.
   */
  constructor(
    declaration: InstrumentDeclaration,
    options: { admit: (attribute: number, value: unknown) => string },
  ) {
    this.declaration = declaration;
    this.#admit = options.admit;
    this.#isHistogram = declaration.kind === 'histogram';
    this.#boundaries = declaration.boundaries ?? [];
    this.#bucketCount = this.#boundaries.length === 0 ? 0 : this.#boundaries.length + 1;
    this.#scale = declaration.scale ?? 1;
    this.#sums = new Float64Array(this.#isHistogram ? INITIAL_ROWS : 0);
    this.#buckets = new Float64Array(INITIAL_ROWS * this.#bucketCount);
    this.#createClosedRows();
  }

  get size(): number {
    return this.rows.length;
  }

  /** The row of these attribute values, made when they are new. At most five attributes. */
  row(a?: string, b?: string, c?: string, d?: string, e?: string): number {
    const depth = this.declaration.attributes.length;
    if (depth === 0) return 0;
    let entry = this.#index.get(a);
    if (depth > 1) entry = (entry as Index | undefined)?.get(b);
    if (depth > 2) entry = (entry as Index | undefined)?.get(c);
    if (depth > 3) entry = (entry as Index | undefined)?.get(d);
    if (depth > 4) entry = (entry as Index | undefined)?.get(e);
    return entry === undefined ? this.#create([a, b, c, d, e].slice(0, depth)) : (entry as number);
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
    const size = this.rows.length;
    return {
      declaration: this.declaration,
      size,
      rows: this.rows,
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
    for (const values of combinations) this.#create(values);
  }

  #create(raw: readonly unknown[]): number {
    const values = raw.map((value, attribute) => this.#admit(attribute, value));
    const last = values.length - 1;
    let node = this.#index;
    for (const value of values.slice(0, Math.max(last, 0))) {
      let next = node.get(value) as Index | undefined;
      if (next === undefined) node.set(value, (next = new Map()));
      node = next;
    }
    // A value that was made safe or folded may belong to a row that exists.
    const existing = node.get(values[last]);
    if (existing !== undefined) return existing as number;
    const row = this.rows.length;
    this.rows.push(values);
    node.set(values[last], row);
    this.#grow(row + 1);
    return row;
  }

  #grow(rows: number): void {
    if (rows <= this.#values.length) return;
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
