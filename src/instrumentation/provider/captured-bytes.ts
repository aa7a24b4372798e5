/** Bytes kept from the start of something longer, unless told otherwise. */
const HEAD = 65_536;
/** Bytes kept from its end: providers write usage last. */
const TAIL = 16_384;

/** A copy of bytes that pass: all of them while they are few, else their start and their end. */
export class CapturedBytes {
  #parts: Buffer[] = [];
  #size = 0;
  #tail: Buffer | undefined;
  readonly #most: number;

  /** @param most bytes that are few enough to be kept whole. */
  constructor(most = HEAD) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether nothing was left out. */
  get isWhole(): boolean {
    return this.#tail === undefined;
  }

  add(bytes: Uint8Array): void {
    const room = this.#most - this.#size;
    this.#size += bytes.length;
    // A client library may hand the memory on to a stream that takes it away.
    if (room > 0) this.#parts.push(Buffer.from(bytes.subarray(0, room)));
    if (bytes.length <= room) return;
    const rest = room > 0 ? bytes.subarray(room) : bytes;
    this.#tail = Buffer.concat([this.#tail ?? Buffer.alloc(0), rest.subarray(-TAIL)]);
    if (this.#tail.length > TAIL) this.#tail = this.#tail.subarray(-TAIL);
  }

  head(): Buffer {
    const [first] = this.#parts;
    return first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
  }

  /** The last bytes, where some were left out or might have been. */
  tail(): Buffer {
    return this.#tail ?? Buffer.alloc(0);
  }

  clear(): void {
    this.#parts = [];
    this.#size = 0;
    this.#tail = undefined;
  }
}
