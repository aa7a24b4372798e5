/**
 * A reader of the protobuf wire format, as far as OTLP uses it. It knows no schema: a
 * message is its fields by number, and whoever asks says how a field is to be understood.
 */

type RawValue = bigint | Buffer;

/** One message. A field that is absent reads as its type's zero, as in proto3. */
export interface ProtoMessage {
  /** Submessages of a repeated field, in the order of the wire. */
  messages(field: number): ProtoMessage[];
  message(field: number): ProtoMessage | undefined;
  text(field: number): string;
  texts(field: number): string[];
  hex(field: number): string;
  /** Varints and fixed integers that fit a double. */
  integer(field: number): number;
  double(field: number): number;
  /** A repeated `fixed64` or `double`, packed or not. */
  fixed64s(field: number): number[];
  doubles(field: number): number[];
  has(field: number): boolean;
}

/** @throws Error when the bytes are not a message. */
export function readMessage(bytes: Buffer): ProtoMessage {
  const fields = readFields(bytes);
  const all = (field: number): readonly RawValue[] => fields.get(field) ?? [];
  const last = (field: number): RawValue | undefined => all(field).at(-1);
  const words = (field: number): Buffer[] =>
    all(field).flatMap((value) => (Buffer.isBuffer(value) ? split(value, 8) : [toBytes(value)]));
  return {
    messages: (field) => all(field).map((value) => readMessage(asBytes(value))),
    message(field) {
      const value = last(field);
      return value === undefined ? undefined : readMessage(asBytes(value));
    },
    text: (field) => asBytes(last(field)).toString('utf8'),
    texts: (field) => all(field).map((value) => asBytes(value).toString('utf8')),
    hex: (field) => asBytes(last(field)).toString('hex'),
    integer: (field) => Number(BigInt.asIntN(64, asInteger(last(field)))),
    double: (field) => toBytes(asInteger(last(field))).readDoubleLE(0),
    fixed64s: (field) => words(field).map((word) => Number(word.readBigUInt64LE(0))),
    doubles: (field) => words(field).map((word) => word.readDoubleLE(0)),
    has: (field) => fields.has(field),
  };
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

function readFields(bytes: Buffer): Map<number, RawValue[]> {
  const fields = new Map<number, RawValue[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a varint ends too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('a field is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = key >>> 3;
    let value: RawValue;
    switch (key & 7) {
      case VARINT:
        value = varint();
        break;
      case FIXED64:
        value = take(8).readBigUInt64LE(0);
        break;
      case LENGTH_DELIMITED:
        value = take(Number(varint()));
        break;
      case FIXED32:
        value = BigInt(take(4).readUInt32LE(0));
        break;
      default:
        throw new Error(`wire type ${key & 7} is not one of proto3`);
    }
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}

function asBytes(value: RawValue | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (typeof value === 'bigint') throw new Error('a number where bytes were expected');
  return value;
}

function asInteger(value: RawValue | undefined): bigint {
  if (value === undefined) return 0n;
  if (typeof value !== 'bigint') throw new Error('bytes where a number was expected');
  return value;
}

function toBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

function split(bytes: Buffer, width: number): Buffer[] {
  return Array.from({ length: bytes.length / width }, (_, i) =>
    bytes.subarray(i * width, (i + 1) * width),
  );
}
