import { OTHER } from './label-value.js';

/**
 * The values that an attribute may take, numbered. Cells are found by these numbers, and the
 * value itself is kept once, however many cells have it.
 */
export interface Domain {
  /** How many values there can be; undefined for an open attribute. */
  readonly size: number | undefined;
  /** The number of the value under which to count what was passed. */
  rankOf(raw: unknown): number;
  valueAt(rank: number): string;
}

/** A closed set in the document's order; everything else is `_OTHER`, which stands last. */
export class ClosedDomain implements Domain {
  readonly size: number;
  readonly #values: readonly string[];

  constructor(values: readonly string[]) {
    this.#values = [...values, OTHER];
    this.size = this.#values.length;
  }

  rankOf(raw: unknown): number {
    const last = this.size - 1;
    for (let rank = 0; rank < last; rank++) if (this.#values[rank] === raw) return rank;
    return last;
  }

  valueAt(rank: number): string {
    return this.#values[rank] ?? OTHER;
  }
}
