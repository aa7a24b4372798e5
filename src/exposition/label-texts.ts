import type { Domain } from '../ledger/domain.js';
import { escapeLabelValue } from './text.js';
import type { TextWriter } from './text-writer.js';

const INITIAL_BYTES = 1024;

/**
 * The values of one open label as the text formats write them, each made once and kept as
 * bytes: thousands of tenants stand in every family, in every scrape.
 */
export class LabelTexts {
  #bytes = Buffer.alloc(INITIAL_BYTES);
  #length = 0;
  /** By the value's number: where its text begins and ends. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  write(writer: TextWriter, { domain, rank }: { domain: Domain; rank: number }): void {
    if (this.#ends[rank] === undefined) this.#add(rank, escapeLabelValue(domain.valueAt(rank)));
    writer.bytes(this.#bytes, this.#starts[rank], this.#ends[rank]);
  }

  #add(rank: number, text: string): void {
    const end = this.#length + Buffer.byteLength(text, 'utf8');
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.write(text, this.#length, 'utf8');
    this.#starts[rank] = this.#length;
    this.#ends[rank] = end;
    this.#length = end;
  }
}
