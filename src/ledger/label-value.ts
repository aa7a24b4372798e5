/** The value that stands for all values beyond an attribute's limit. */
export const OVERFLOW = '_overflow';

/** The value of a closed attribute that lies outside its set. */
export const OTHER = '_OTHER';

/** An attribute that a measurement does not have; it is left out of every output. */
export const ABSENT = '';

/** Longest value kept, in UTF-16 code units. */
const MAX_LENGTH = 256;

/**
 * Turns whatever a host passed into a value that every format can carry: well-formed
 * Unicode, no NUL (the Prometheus parser takes it for the end of input), bounded length.
 * Long values keep their start and a hash of the whole, so that two of them stay two.
 */
export function toLabelValue(value: unknown): string {
  if (typeof value === 'string' && value.length <= MAX_LENGTH && isSafe(value)) return value;
  const text = typeof value === 'string' ? value : describe(value);
  const whole = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 9)}~${hash(text)}` : text;
  return whole.toWellFormed().replaceAll('\0', '\ufffd');
}

/** Most values are safe as they are. */
function isSafe(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

function describe(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : ABSENT;
}

/** FNV-1a over UTF-16 code units, 32 bits, as 8 hex digits. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return (state >>> 0).toString(16).padStart(8, '0');
}
