import { MAX_JSON_BYTES, parseJson } from './json.js';

/** Longest text that is kept, in bytes; a longer one reads as an empty one. */
const MAX_TEXT_BYTES = 1_024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Keeps a JSON document without its long texts, as it comes: what a program has printed or a
 * model has written may be large, and what stands around it is small.
 */
export class JsonOutline {
  readonly #kept: Uint8Array[] = [];
  #bytes = 0;
  /** The text that is being read, without its quotes, as long as it is short. */
  #text: Uint8Array[] = [];
  #textBytes = 0;
  #inText = false;
  #escaped = false;

  add(bytes: Uint8Array): void {
    if (this.#bytes > MAX_JSON_BYTES) return;
    let from = 0;
    while (from < bytes.length) {
      const end = this.#inText ? this.#endOfText(bytes, from) : bytes.indexOf(QUOTE, from);
      if (this.#inText) this.#keepText(bytes, { from, end });
      else this.#keep(bytes.subarray(from, end === -1 ? undefined : end + 1));
      if (end === -1) return;
      if (this.#inText) this.#closeText();
      this.#inText = !this.#inText;
      from = end + 1;
    }
  }

  /** What it says; undefined when it is no JSON, not whole, or too large. */
  json(): unknown {
    if (this.#bytes > MAX_JSON_BYTES || this.#inText) return undefined;
    return parseJson(Buffer.concat(this.#kept));
  }

  #endOfText(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (this.#escaped) this.#escaped = false;
      else if (bytes[at] === BACKSLASH) this.#escaped = true;
      else if (bytes[at] === QUOTE) return at;
    }
    return -1;
  }

  #keepText(bytes: Uint8Array, { from, end }: { from: number; end: number }): void {
    const part = bytes.subarray(from, end === -1 ? undefined : end);
    this.#textBytes += part.length;
    if (this.#textBytes <= MAX_TEXT_BYTES) this.#text.push(Uint8Array.from(part));
  }

  #closeText(): void {
    if (this.#textBytes <= MAX_TEXT_BYTES) for (const part of this.#text) this.#keep(part);
    this.#keep(Uint8Array.of(QUOTE));
    this.#text = [];
    this.#textBytes = 0;
  }

  /** A copy: the host may use its own buffer again. */
  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes <= MAX_JSON_BYTES) this.#kept.push(Uint8Array.from(bytes));
  }
}
