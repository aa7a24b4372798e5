const PLAIN = /^[!#-<>-~]*$/;
const PLAIN_TENANT = /^[!#$&-<>-~]*$/;
const PERCENT = 0x25;

/** Longest escaped value in a line; what is cut ends in an escaped ellipsis. */
const MAX_ESCAPED = 2048;
const ELLIPSIS = '%E2%80%A6';

/**
 * Makes a value that can stand in a `key=value` line: every UTF-8 byte outside 0x21 to
 * 0x7E, and `=` and `"`, is written `%XX`; a lone surrogate as U+FFFD. Bounded in length.
 */
export function escapeValue(value: string): string {
  return PLAIN.test(value) ? bounded(value) : bounded(percentEncode(value, false));
}

/** The same for a tenant, in which `%` is escaped too: its own bytes can be told apart. */
export function escapeTenant(value: string): string {
  return PLAIN_TENANT.test(value) ? bounded(value) : bounded(percentEncode(value, true));
}

function percentEncode(value: string, escapePercent: boolean): string {
  let text = '';
  for (const byte of Buffer.from(value.toWellFormed(), 'utf8')) {
    const plain = byte >= 0x21 && byte <= 0x7e && byte !== 0x22 && byte !== 0x3d;
    text +=
      plain && !(escapePercent && byte === PERCENT)
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function bounded(text: string): string {
  if (text.length <= MAX_ESCAPED) return text;
  // An escape is not cut in two.
  return text.slice(0, MAX_ESCAPED).replace(/%[0-9A-F]?$/, '') + ELLIPSIS;
}
