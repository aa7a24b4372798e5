import type { Domain } from './domain.js';

/** Attribute values of one row, in the order of the instrument's attributes. */
export type RowValues = readonly string[];

/** Which row belongs to which attribute values. Rows are numbered as they come, and stay. */
export interface RowIndex {
  readonly size: number;
  /** The row of these attribute values, made when they are new. */
  rowOf(a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): number;
  valuesOf(row: number): RowValues;
}

/** Makes the index that fits an instrument's attributes. */
export function createRowIndex(domains: readonly Domain[]): RowIndex {
  const open = domains.filter(({ size }) => size === undefined);
  return open.length > 1 ? new MapIndex(domains) : new DenseIndex(domains);
}

const NO_ROW = -1;
const INITIAL_KEYS = 8;

/**
 * For at most one open attribute: its number and those of the closed ones make one number, by
 * which a flat array has the row. One Map look-up finds it, and it costs a few bytes.
 */
class DenseIndex implements RowIndex {
  readonly #domains: readonly Domain[];
  /** What a step in an attribute's values is in the key; the open one's is the largest. */
  readonly #strides: readonly number[];
  #rows = new Int32Array(INITIAL_KEYS).fill(NO_ROW);
  readonly #keys: number[] = [];

  constructor(domains: readonly Domain[]) {
    this.#domains = domains;
    this.#strides = stridesOf(domains);
  }

  get size(): number {
    return this.#keys.length;
  }

  rowOf(a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): number {
    const depth = this.#domains.length;
    let key = depth > 0 ? this.#part(0, a) : 0;
    if (depth > 1) key += this.#part(1, b);
    if (depth > 2) key += this.#part(2, c);
    if (depth > 3) key += this.#part(3, d);
    if (depth > 4) key += this.#part(4, e);
    const row = this.#rows[key] ?? NO_ROW;
    return row === NO_ROW ? this.#create(key) : row;
  }

  valuesOf(row: number): RowValues {
    const key = this.#keys[row] ?? 0;
    return this.#domains.map((domain, i) => {
      const rank = Math.floor(key / (this.#strides[i] ?? 1));
      return domain.valueAt(domain.size === undefined ? rank : rank % domain.size);
    });
  }

  #part(position: number, raw: unknown): number {
    return (this.#domains[position]?.rankOf(raw) ?? 0) * (this.#strides[position] ?? 0);
  }

  #create(key: number): number {
    const row = this.#keys.length;
    this.#keys.push(key);
    if (key >= this.#rows.length) {
      const larger = new Int32Array(Math.max(key + 1, this.#rows.length * 2)).fill(NO_ROW);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows[key] = row;
    return row;
  }
}

function stridesOf(domains: readonly Domain[]): number[] {
  const strides = domains.map(() => 0);
  let stride = 1;
  for (let i = domains.length - 1; i >= 0; i--) {
    const size = domains[i]?.size;
    if (size === undefined) continue;
    strides[i] = stride;
    stride *= size;
  }
  return strides.map((own, i) => (domains[i]?.size === undefined ? stride : own));
}

type Node = Map<unknown, Node | number>;

/** Attribute values as they were passed, and the row that was found for them. */
interface Found {
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  readonly d: unknown;
  readonly e: unknown;
  readonly row: number;
}

/** For several open attributes: a Map for each, one inside the other. */
class MapIndex implements RowIndex {
  readonly #domains: readonly Domain[];
  readonly #root: Node = new Map();
  readonly #values: RowValues[] = [];
  /** What was found last: most requests are answered like the one before. */
  #last: Found | undefined;

  constructor(domains: readonly Domain[]) {
    this.#domains = domains;
  }

  get size(): number {
    return this.#values.length;
  }

  rowOf(a: unknown, b: unknown, c: unknown, d: unknown, e: unknown): number {
    const last = this.#last;
    if (
      last !== undefined &&
      last.a === a &&
      last.b === b &&
      last.c === c &&
      last.d === d &&
      last.e === e
    ) {
      return last.row;
    }
    const depth = this.#domains.length;
    let entry = (this.#root.get(a) as Node | undefined)?.get(b);
    if (depth > 2) entry = (entry as Node | undefined)?.get(c);
    if (depth > 3) entry = (entry as Node | undefined)?.get(d);
    if (depth > 4) entry = (entry as Node | undefined)?.get(e);
    if (entry === undefined) return this.#create([a, b, c, d, e]);
    this.#last = { a, b, c, d, e, row: entry as number };
    return entry as number;
  }

  valuesOf(row: number): RowValues {
    return this.#values[row] ?? [];
  }

  #create(raw: readonly unknown[]): number {
    const values = this.#domains.map((domain, i) => domain.valueAt(domain.rankOf(raw[i])));
    const last = values.length - 1;
    let node = this.#root;
    for (const value of values.slice(0, last)) {
      let next = node.get(value) as Node | undefined;
      if (next === undefined) node.set(value, (next = new Map()));
      node = next;
    }
    // A value that was made safe or folded may belong to a row that exists.
    const existing = node.get(values[last]);
    if (existing !== undefined) return existing as number;
    const row = this.#values.length;
    this.#values.push(values);
    node.set(values[last], row);
    return row;
  }
}
