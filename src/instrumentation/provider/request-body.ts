import type { Hash } from 'node:crypto';
import { crypto } from '../../lazy-require.js';
import { CapturedBytes } from './captured-bytes.js';
import { jsonKey, topLevelString } from './json.js';

/** As far as the model is looked for, in bytes. */
const LONGEST = 1_048_576;
const MODEL = jsonKey('model');

/**
 * A request's body as it is sent: a digest, by which a retry is told from another request,
 * and the model that it asks for. Nothing else of it is looked at, and nothing is kept.
 */
export class RequestBody {
  #hash: Hash | undefined;
  #captured: CapturedBytes | undefined;

  /** @param asksForModel whether the model is looked for: not where the path has named it. */
  constructor(asksForModel: boolean) {
    if (asksForModel) this.#captured = new CapturedBytes(LONGEST);
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#hash ??= crypto().createHash('sha256');
    this.#hash.update(chunk);
    this.#captured?.add(chunk);
  }

  /** What is known once the body has been sent; to be called once. */
  finish(): { digest: string | undefined; model: string | undefined } {
    const digest = this.#hash?.digest('base64');
    this.#hash = undefined;
    const captured = this.#captured?.head();
    this.#captured = undefined;
    if (captured === undefined) return { digest, model: undefined };
    // What `node:http` sends may be in chunked coding, which no JSON text begins like.
    const isChunked = /^[\da-f]+\r\n/i.test(captured.toString('latin1', 0, 16));
    const body = isChunked ? withoutChunkSizes(captured) : captured;
    const model = topLevelString(body, MODEL);
    return { digest, model };
  }
}

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
