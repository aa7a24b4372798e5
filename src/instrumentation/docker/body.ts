/** More than any container's description; what is longer is not read. */
const MAX_BYTES = 1 << 20;

/** Keeps a body's bytes as they pass. */
export class Body {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: unknown, encoding?: unknown): void {
    if (this.#bytes > MAX_BYTES) return;
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
        : chunk instanceof Uint8Array
          ? Buffer.from(chunk)
          : undefined;
    if (bytes === undefined) return;
    this.#bytes += bytes.length;
    this.#chunks.push(bytes);
    if (this.#bytes > MAX_BYTES) this.#chunks = [];
  }

  /** What it says in JSON; undefined when it is too long, cut or no JSON at all. */
  json(): unknown {
    try {
      return JSON.parse(Buffer.concat(this.#chunks).toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }
}
