import { OVERFLOW, toLabelValue } from './label-value.js';

/**
 * The values that one open attribute has taken, in the order in which they came, up to
 * a limit. Shared by all tables, so that a tenant is known everywhere or nowhere.
 */
export class Interner {
  readonly #order = new Map<string, number>();
  readonly #limit: number;
  readonly #onOverflow: () => void;

  constructor(options: { limit: number; onOverflow: () => void }) {
    this.#limit = options.limit;
    this.#onOverflow = options.onOverflow;
  }

  /** The value under which to count: itself made safe, or `_overflow` past the limit. */
  intern(raw: unknown): string {
    const value = toLabelValue(raw);
    if (this.#order.has(value)) return value;
    if (this.#order.size >= this.#limit) {
      this.#onOverflow();
      return OVERFLOW;
    }
    this.#order.set(value, this.#order.size);
    return value;
  }

  /** Position of a value by first appearance; `_overflow` stands last. */
  orderOf(value: string): number {
    return this.#order.get(value) ?? Number.MAX_SAFE_INTEGER;
  }
}
