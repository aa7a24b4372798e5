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
/** A string that follows a key, if it is a short one. */
const VALUE = /^\s*:\s*("(?:[^"\\]|\\.){0,512}")/;
/** As far as it is looked for, in bytes. */
const LONGEST_VALUE = 2200;

/** A key as it stands in a JSON text. */
export function jsonKey(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}

/**
 * The value of a key of the outermost JSON object, if it is a string: without parsing the
 * rest, which may be long and need not be whole. Each byte is looked at once, whatever it is:
 * in UTF-8 none of the bytes that JSON is made of is a part of another character.
 */
export function topLevelString(json: Buffer, key: Buffer): string | undefined {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (depth === 1 && end - at === key.length && key.compare(json, at, end) === 0) {
        const value = VALUE.exec(json.toString('utf8', end, end + LONGEST_VALUE))?.[1];
        if (value !== undefined) return parseJson(value) as string | undefined;
      }
      at = end - 1;
    }
  }
  return undefined;
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
