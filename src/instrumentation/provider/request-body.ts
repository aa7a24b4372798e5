import { CapturedBytes } from './captured-bytes.js';
import { Fingerprint } from './fingerprint.js';
import { jsonKey, topLevelString } from './json.js';

/** As far as the model is looked for, in bytes. */
const LONGEST = 1_048_576;

/**
 * A request's body as it is sent: a digest, by which a retry is told from another request,
 * and the model that it asks for. Nothing else of it is looked at, and nothing is kept.
 */
export class RequestBody {
  readonly #fingerprint = new Fingerprint();
  /** What has been sent so far; not copied where its first piece names the model. */
  readonly #captured = new CapturedBytes(LONGEST);
  #model: string | undefined;

  add(chunk: Uint8Array): void {
    this.#fingerprint.add(chunk);
    if (this.#model !== undefined) return;
    if (this.#captured.isEmpty) {
      this.#model = topLevelString(chunk.subarray(0, LONGEST), MODEL);
    }
    if (this.#model === undefined) this.#captured.add(chunk);
  }

  /** What is known once the body has been sent; to be called once. */
  finish(): { digest: string | undefined; model: string | undefined } {
    const digest = this.#fingerprint.digest();
    if (this.#model !== undefined || this.#captured.isEmpty) return { digest, model: this.#model };
    const captured = this.#captured.head();
    this.#captured.clear();
    // What `node:http` sends may be in chunked coding, which no JSON text begins like.
    const isChunked = /^[\da-f]+\r\n/i.test(captured.toString('latin1', 0, 16));
    const body = isChunked ? withoutChunkSizes(captured) : captured;
    return { digest, model: topLevelString(body, MODEL) };
  }
}

const MODEL = jsonKey('model');

/** The data of a body in chunked coding (RFC 9112, 7.1), as far as it goes. */
function withoutChunkSizes(body: Buffer): Buffer {
  const data: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (end === -1 || !(size > 0)) break;
    data.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(data);
}
