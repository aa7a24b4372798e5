/** Largest JSON body that is read. */
export const MAX_JSON_BYTES = 65_536;

/** What a text, or bytes of one, says as JSON; undefined when it is none. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
