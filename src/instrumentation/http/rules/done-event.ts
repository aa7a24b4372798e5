import { parseJson } from '../body/json.js';

/** Data of an event whose name stands inside of it. */
const DONE_TYPE = /"type"\s*:\s*"done"/;

/**
 * What an event says of how its request ended: the `ok` of a `done` event, by its name or by
 * its `type`. Undefined for other events, and for one that says nothing.
 */
function okOf(name: string, data: string): boolean | undefined {
  if (name !== 'done' && !(name === 'message' && DONE_TYPE.test(data))) return undefined;
  const ok = (Object(parseJson(data)) as { ok?: unknown }).ok;
  return typeof ok === 'boolean' ? ok : undefined;
}

/** Data of an event that reports an error, where its name does not. */
const ERROR_TYPE = /"type"\s*:\s*"error"/;
/** What closes streams in the manner of OpenAI's, and is no event of the answer. */
const CLOSING = '[DONE]';

/** Follows what a stream says of how its request ended: its `done` event, or an error at its end. */
export class StreamVerdict {
  #done: boolean | undefined;
  #endsWithError = false;

  read(name: string, data: string): void {
    this.#done = okOf(name, data) ?? this.#done;
    if (data.trim() === CLOSING) return;
    this.#endsWithError = name === 'error' || (name === 'message' && ERROR_TYPE.test(data));
  }

  /** Undefined when it has said nothing. */
  get ok(): boolean | undefined {
    return this.#done ?? (this.#endsWithError ? false : undefined);
  }
}
