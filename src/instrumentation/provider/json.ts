/** The value of a JSON text; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Longest string that is taken for a value, in bytes with its quotes. */
const LONGEST_VALUE = 1024;

/** A key as it stands in a JSON text. */
export function jsonKey(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}

/**
 * The value of a key of the outermost JSON object, if it is a short string: without parsing
 * the rest, which may be long and need not be whole. Each byte is looked at once, whatever it
 * is: in UTF-8 none of the bytes that JSON is made of is a part of another character.
 */
export function topLevelString(json: Buffer, key: Buffer): string | undefined {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (depth === 1 && isKey(json, at, end, key)) {
        const value = stringAfter(json, end);
        if (value !== undefined) return value;
      }
      at = end - 1;
    }
  }
  return undefined;
}

function isKey(json: Buffer, from: number, to: number, key: Buffer): boolean {
  if (to - from !== key.length) return false;
  for (let i = 0; i < key.length; i++) if (json[from + i] !== key[i]) return false;
  return true;
}

/** What follows a key that ends at a place. */
function stringAfter(json: Buffer, key: number): string | undefined {
  const colon = afterSpace(json, key);
  const start = afterSpace(json, colon + 1);
  if (json[colon] !== COLON || json[start] !== QUOTE) return undefined;
  const end = endOfString(json, start);
  if (end - start > LONGEST_VALUE) return undefined;
  return parseJson(json.toString('utf8', start, end)) as string | undefined;
}

function afterSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Behind the closing quote of the string that begins at a place; the end where it is cut. */
function endOfString(json: Buffer, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    const byte = json[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at + 1;
  }
  return json.length;
}
