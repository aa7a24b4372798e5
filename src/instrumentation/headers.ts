import { viewOf } from './bytes.js';

/** The value of a header, by its name in lower case. */
export type HeaderOf = (name: string) => string | undefined;

/** The bit in which ASCII letters of either case differ. */
const CASE = 0x20;

/**
 * Whether a header has this name, which is in lower case: of most the length says that not, and
 * most of the same length begin otherwise. Nobody makes a text of those, or one in lower case.
 */
export function isNamed(given: unknown, name: string): boolean {
  if (typeof given === 'string') {
    if (given.length !== name.length) return false;
    if (given === name) return true;
    if ((given.charCodeAt(0) | CASE) !== (name.charCodeAt(0) | CASE)) return false;
    return given.toLowerCase() === name;
  }
  // Undici hands out bytes.
  if (!(given instanceof Uint8Array) || given.length !== name.length) return false;
  if (((given[0] ?? 0) | CASE) !== (name.charCodeAt(0) | CASE)) return false;
  return viewOf(given).toString('latin1').toLowerCase() === name;
}
