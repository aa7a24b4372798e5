import { MAX_JSON_BYTES, parseJson } from './json.js';
import { replaceFunction, type AnyFunction } from './replace-function.js';

/** A request of HTTP/1.1 or a stream of HTTP/2: what arrives is pushed into it. */
export interface IncomingBody {
  push: AnyFunction;
}

/**
 * The body of one request, kept as it arrives, up to a cap. A host that does not read it
 * leaves it unread: nobody listens, and nothing starts to flow.
 */
export class RequestBody {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(incoming: IncomingBody) {
    const keep = (chunk: unknown): void => {
      this.#keep(chunk);
    };
    const stop = onPush(incoming, (chunk) => {
      if (chunk === null) stop();
      else keep(chunk);
    });
  }

  /** What has arrived, where it is JSON. */
  json(): unknown {
    return this.#bytes > MAX_JSON_BYTES ? undefined : parseJson(Buffer.concat(this.#chunks));
  }

  #keep(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) return;
    this.#bytes += chunk.length;
    // A copy: it is the host's to change.
    if (this.#bytes <= MAX_JSON_BYTES) this.#chunks.push(Uint8Array.from(chunk));
  }
}

/** Calls back when the whole of a request has come. */
export function onLastPush(incoming: IncomingBody, callback: () => void): void {
  const stop = onPush(incoming, (chunk) => {
    if (chunk !== null) return;
    stop();
    callback();
  });
}

function onPush(incoming: IncomingBody, told: (chunk: unknown) => void): () => void {
  return replaceFunction(incoming, 'push', (original) => {
    return function (this: unknown, ...args) {
      told(args[0]);
      return original.apply(this, args);
    };
  });
}
