import type { Domain } from './domain.js';
import { OVERFLOW, toLabelValue } from './label-value.js';

/** The number of `_overflow`, whether or not anything was folded. */
export const OVERFLOW_RANK = 0;

/**
 * The values that one open attribute has taken, numbered from 1 in the order in which they
 * came, up to a limit. Shared by all tables, so that a tenant is known everywhere or nowhere.
 */
export class Interner implements Domain {
  readonly size = undefined;
  readonly #ranks = new Map<unknown, number>([[OVERFLOW, OVERFLOW_RANK]]);
  readonly #values = [OVERFLOW];
  readonly #limit: number;
  readonly #onOverflow: () => void;
  /** What was looked up last: an event counts the same tenant in several tables. */
  #last: unknown = OVERFLOW;
  #lastRank = OVERFLOW_RANK;

  constructor(options: { limit: number; onOverflow: () => void }) {
    this.#limit = options.limit;
    this.#onOverflow = options.onOverflow;
  }

  /** The number under which to count: the value's, made safe, or `_overflow`'s past the limit. */
  rankOf(raw: unknown): number {
    if (raw === this.#last) return this.#lastRank;
    const rank = this.#ranks.get(raw);
    if (rank === undefined) return this.#intern(toLabelValue(raw));
    this.#last = raw;
    return (this.#lastRank = rank);
  }

  valueAt(rank: number): string {
    return this.#values[rank] ?? OVERFLOW;
  }

  #intern(value: string): number {
    const known = this.#ranks.get(value);
    if (known !== undefined) return known;
    const rank = this.#values.length;
    if (rank > this.#limit) {
      this.#onOverflow();
      return OVERFLOW_RANK;
    }
    this.#ranks.set(value, rank);
    this.#values.push(value);
    return rank;
  }
}
