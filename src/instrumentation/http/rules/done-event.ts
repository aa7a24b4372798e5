import { parseJson } from '../body/json.js';

/** Data of an event whose name stands inside of it. */
const DONE_TYPE = /"type"\s*:\s*"done"/;

/**
 * What an event says of how its request ended: the `ok` of a `done` event, by its name or by
 * its `type`. Undefined for other events, and for one that says nothing.
 */
export function okOf(name: string, data: string): boolean | undefined {
  if (name !== 'done' && !(name === 'message' && DONE_TYPE.test(data))) return undefined;
  const ok = (Object(parseJson(data)) as { ok?: unknown }).ok;
  return typeof ok === 'boolean' ? ok : undefined;
}
