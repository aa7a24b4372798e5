import type { Domain } from '../ledger/domain.js';
import { escapeLabelValue } from './text.js';

const INITIAL_BYTES = 1024;

/**
 * The values of one open label as the text formats write them, each made once and kept as
 * bytes: thousands of tenants stand in every family, in every scrape.
 */
export class LabelTexts {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  /** By the value's number: where its text begins and ends. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** The text of the value that has this number in its domain. */
  textOf(domain: Domain, rank: number): Uint8Array {
    if (this.#ends[rank] === undefined) this.#add(rank, escapeLabelValue(domain.valueAt(rank)));
    return this.#bytes.subarray(this.#starts[rank], this.#ends[rank]);
  }

  #add(rank: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    const end = this.#length + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#starts[rank] = this.#length;
    this.#ends[rank] = end;
    this.#length = end;
  }
}
