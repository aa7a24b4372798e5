/** Bytes of one chunk; a page is a few chunks or hundreds, and none of them is ever moved. */
const CHUNK_BYTES = 65_536;
/** The longest number: a double's seventeen digits, sign, point and exponent. */
const MAX_NUMBER_BYTES = 25;
const ZERO = 0x30;
const LINE_FEED = 0x0a;
const BILLION = 1e9;

/**
 * Writes text as bytes. Everything in an exposition but its numbers is known beforehand, so a
 * sample is a copy of bytes and a few digits, and leaves nothing behind for the garbage
 * collector.
 */
export class TextWriter {
  #full: Uint8Array[] = [];
  readonly #free: Buffer[] = [];
  #chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #length = 0;

  text(text: string): void {
    if (text.length * 3 > this.#chunk.length - this.#length) this.bytes(Buffer.from(text, 'utf8'));
    else this.#length += this.#chunk.write(text, this.#length, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#chunk.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A value as both text formats show it, and the end of its line. */
  value(value: number): void {
    this.#reserve(MAX_NUMBER_BYTES + 1);
    if (!Number.isSafeInteger(value) || value < 0) {
      this.#length += this.#chunk.write(String(value), this.#length, 'latin1');
    } else if (value < BILLION) {
      this.#digits(value, digitsOf(value));
    } else {
      const high = Math.floor(value / BILLION);
      this.#digits(high, digitsOf(high));
      this.#digits(value - high * BILLION, 9);
    }
    this.#chunk[this.#length++] = LINE_FEED;
  }

  /** How many bytes there are to be taken. */
  get ready(): number {
    return this.#full.length * CHUNK_BYTES;
  }

  /** Takes what has been written and will not change any more, in order. */
  take(): readonly Uint8Array[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** What was taken has been copied or sent: its memory will be written again. */
  reuse(taken: readonly Uint8Array[]): void {
    for (const { buffer } of taken) {
      if (buffer.byteLength === CHUNK_BYTES) this.#free.push(Buffer.from(buffer));
    }
  }

  /** Takes all that was not taken yet. */
  finish(): readonly Uint8Array[] {
    return [...this.take(), this.#chunk.subarray(0, this.#length)];
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.#length + count - 1; at >= this.#length; at--) {
      const tenth = (rest / 10) >>> 0;
      this.#chunk[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#length += count;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#chunk.length) return;
    this.#full.push(this.#chunk.subarray(0, this.#length));
    const reused = bytes <= CHUNK_BYTES ? this.#free.pop() : undefined;
    this.#chunk = reused ?? Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes));
    this.#length = 0;
  }
}

function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}
