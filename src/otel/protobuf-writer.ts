import type { HrTime } from '@opentelemetry/api';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const FIRST_BYTES = 65_536;
/** Memory of a message that was longer is not kept for those that follow. */
const KEPT_BYTES = 1 << 20;
/** A varint is groups of seven bits, and a bit that says whether there are more of them. */
const MAX_GROUP = 0x7f;
const MORE = 0x80;
const MAX_ASCII = 0x7f;
const UINT32 = 2 ** 32;
/** A longer text is encoded by Node, at the price of some dozens of characters. */
const MAX_LOOPED_CHARACTERS = 128;
const NANOSECONDS = 1e9;

/**
 * Writes a protobuf message from its last field to its first, so that the length of what is
 * inside another message is known when that is written, and nothing is measured or moved.
 */
export class ProtobufWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #start = FIRST_BYTES;

  /** How many bytes have been written: what is inside a message are those since its end. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** Forgets what has been written. */
  begin(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.alloc(FIRST_BYTES);
    this.#start = this.#bytes.length;
  }

  /** What has been written, in memory of its own. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(this.#start));
  }

  /** Makes a field of everything that has been written since the length was that. */
  message(field: number, since: number): void {
    this.#varint(this.length - since);
    this.#tag(field, LENGTH_DELIMITED);
  }

  /** A text; what a host has given in place of one is made a text. */
  string(field: number, given: unknown): void {
    const text = String(given);
    const since = this.length;
    if (text.length > MAX_LOOPED_CHARACTERS || !this.#ascii(text)) {
      const length = Buffer.byteLength(text);
      const at = this.#take(length);
      this.#bytes.write(text, at, length);
    }
    this.message(field, since);
  }

  bytes(field: number, bytes: Uint8Array): void {
    const since = this.length;
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    this.message(field, since);
  }

  /** Bytes that are given as hexadecimal digits, as ids are. */
  hex(field: number, digits: string): void {
    const since = this.length;
    const length = digits.length >> 1;
    const at = this.#take(length);
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) {
      bytes[at + i] = (digitAt(digits, 2 * i) << 4) | digitAt(digits, 2 * i + 1);
    }
    this.message(field, since);
  }

  /** An integer of up to 64 bits, in two's complement where it is below zero; 0 for another value. */
  integer(field: number, value: number): void {
    this.#varint(Number.isInteger(value) ? value : 0);
    this.#tag(field, VARINT);
  }

  double(field: number, value: number): void {
    const at = this.#take(8);
    this.#bytes.writeDoubleLE(value, at);
    this.#tag(field, FIXED64);
  }

  uint32(field: number, value: number): void {
    this.#fixed32(value);
    this.#tag(field, FIXED32);
  }

  /** A time since the epoch, in nanoseconds of 64 bits. */
  time(field: number, [seconds, nanoseconds]: HrTime): void {
    const low = (Math.imul(seconds, NANOSECONDS) + nanoseconds) >>> 0;
    // A double is a few hundred of them off, which the division makes good.
    const high = Math.round((seconds * NANOSECONDS + nanoseconds - low) / UINT32);
    this.#fixed32(high);
    this.#fixed32(low);
    this.#tag(field, FIXED64);
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type);
  }

  #fixed32(value: number): void {
    const at = this.#take(4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
  }

  #varint(value: number): void {
    if (value < 0 || value >= UINT32) {
      this.#longVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let at = this.#take(varintLength(value));
    let rest = value;
    for (; rest > MAX_GROUP; rest >>>= 7) this.#bytes[at++] = rest | MORE;
    this.#bytes[at] = rest;
  }

  #longVarint(value: bigint): void {
    const groups: number[] = [];
    let rest = value;
    for (; rest > MAX_GROUP; rest >>= 7n) groups.push(Number(rest & 0x7fn) | MORE);
    groups.push(Number(rest));
    const at = this.#take(groups.length);
    this.#bytes.set(groups, at);
  }

  /** False, with nothing written, where a character takes more than one byte. */
  #ascii(text: string): boolean {
    const at = this.#take(text.length);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > MAX_ASCII) {
        this.#start += text.length;
        return false;
      }
      bytes[at + i] = code;
    }
    return true;
  }

  /** Where that many bytes are to be written. It may move them all, so ask for it first. */
  #take(length: number): number {
    if (length > this.#start) this.#grow(length);
    return (this.#start -= length);
  }

  #grow(length: number): void {
    const written = this.#bytes.subarray(this.#start);
    const capacity = Math.max(this.#bytes.length * 2, written.length + length);
    this.#bytes = Buffer.alloc(capacity);
    this.#start = capacity - written.length;
    this.#bytes.set(written, this.#start);
  }
}

function varintLength(value: number): number {
  if (value < 1 << 7) return 1;
  if (value < 1 << 14) return 2;
  if (value < 1 << 21) return 3;
  return value < 1 << 28 ? 4 : 5;
}

/** The value of a hexadecimal digit in either case. */
function digitAt(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 0xf) + 9 * (code >> 6);
}
