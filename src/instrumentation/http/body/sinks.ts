import { viewOf } from '../../bytes.js';
import { EventReader, type OnEvent } from './event-reader.js';
import { JsonOutline } from './json-outline.js';
import type { Chunk } from './tap.js';

/** Takes the pieces of a body. */
export interface BodySink {
  readonly chunk: (chunk: Chunk, encoding: BufferEncoding | undefined) => void;
  /** There is no more of it; called once. */
  readonly end: () => void;
}

/** The most that is kept of the end of a stream, in UTF-16 code units. */
const MAX_KEPT = 65_536;
/** Pieces in which the last event of a stream may have been written. */
const MAX_LAST_CHUNKS = 16;

/** Gives the JSON of a body without its long texts; undefined of one that is too large or none. */
export function jsonSink(onJson: (json: unknown) => void): BodySink {
  const outline = new JsonOutline();
  return {
    chunk(chunk, encoding) {
      outline.add(bytesOf(chunk, encoding));
    },
    end() {
      onJson(outline.json());
    },
  };
}

/** Reads every event as it is sent. */
export function eventSink(onEvent: OnEvent): BodySink {
  const reader = new EventReader(onEvent);
  return {
    chunk(chunk, encoding) {
      reader.read(asciiText(chunk, encoding));
    },
    end: () => undefined,
  };
}

/** Keeps what was written last, and reads its events at the end: a write costs next to nothing. */
export function lastEventsSink(onEvent: OnEvent): BodySink {
  let kept: { chunk: Chunk; encoding: BufferEncoding | undefined }[] = [];
  let forgotten = false;
  return {
    chunk(chunk, encoding) {
      kept.push({ chunk, encoding });
      if (kept.length < MAX_LAST_CHUNKS * 2) return;
      kept = kept.slice(-MAX_LAST_CHUNKS);
      forgotten = true;
    },
    end() {
      const whole = kept.map(({ chunk, encoding }) => asciiText(chunk, encoding)).join('');
      const text = whole.slice(-MAX_KEPT);
      // Without its beginning an event is none: reading starts after the first empty line.
      const cut = forgotten || text.length < whole.length;
      const start = cut ? text.search(/\r\r|\n\r?\n/) : 0;
      if (start !== -1) new EventReader(onEvent).read(text.slice(start));
    },
  };
}

function bytesOf(chunk: Chunk, encoding: BufferEncoding | undefined): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

/**
 * Text in which everything that is ASCII stands as it is. That is all that is looked for in a
 * stream, and a character may be cut between two chunks.
 */
function asciiText(chunk: Chunk, encoding: BufferEncoding | undefined): string {
  if (typeof chunk === 'string' && !/^(?:hex|base64|base64url)$/i.test(encoding ?? ''))
    return chunk;
  const bytes = bytesOf(chunk, encoding);
  return viewOf(bytes).toString('latin1');
}
