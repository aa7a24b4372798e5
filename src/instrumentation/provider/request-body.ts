import { CapturedBytes } from './captured-bytes.js';
import { crc32 } from './checksum.js';
import { jsonKey, topLevelString } from './json.js';

/** As far as the model is looked for, in bytes. */
const LONGEST = 1_048_576;
const MODEL = jsonKey('model');

/**
 * A request's body as it is sent: a digest, by which a retry is told from another request of
 * the same server request to the same endpoint, and the model that it asks for. Nothing else
 * of it is looked at, and nothing is kept.
 */
export class RequestBody {
  #size = 0;
  #checksum = 0;
  #captured: CapturedBytes | undefined;

  /** @param asksForModel whether the model is looked for: not where the path has named it. */
  constructor(asksForModel: boolean) {
    if (asksForModel) this.#captured = new CapturedBytes(LONGEST);
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#size += chunk.length;
    this.#checksum = crc32(chunk, this.#checksum);
    this.#captured?.add(chunk);
  }

  /** What is known once the body has been sent; to be called once. */
  finish(): { digest: string | undefined; model: string | undefined } {
    const digest = this.#size === 0 ? undefined : `${this.#size}:${this.#checksum}`;
    const captured = this.#captured?.head();
    this.#captured = undefined;
    return { digest, model: captured && modelIn(captured) };
  }
}

function modelIn(captured: Buffer): string | undefined {
  // What `node:http` sends may be in chunked coding, which no JSON text begins like.
  const isChunked =
    captured[0] !== OPENING_BRACE && /^[\da-f]+\r\n/i.test(captured.toString('latin1', 0, 16));
  return topLevelString(isChunked ? withoutChunkSizes(captured) : captured, MODEL);
}

const OPENING_BRACE = 0x7b;

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
