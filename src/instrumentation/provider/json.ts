/** The value of a JSON text; undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Strings, and what changes the depth that they stand in. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/gs;

/**
 * The value of a key of the outermost JSON object, if it is a string: without parsing the
 * rest, which may be long and need not be whole.
 */
export function topLevelString(json: string, key: string): string | undefined {
  const wanted = JSON.stringify(key);
  let depth = 0;
  for (const { 0: token, index } of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token === wanted) {
      const value = /^\s*:\s*("(?:[^"\\]|\\.){0,512}")/.exec(
        json.slice(index + token.length, index + token.length + 600),
      );
      if (value?.[1] !== undefined) return JSON.parse(value[1]) as string;
    }
  }
  return undefined;
}
