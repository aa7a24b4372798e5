import zlib from 'node:zlib';
import type { Answer, AnswerReader } from './answer.js';

/** Longest compressed body that is read, and longest that it may become. */
const COMPRESSED = 262_144;
const DECOMPRESSED = 8 * 1024 * 1024;

type Decompress = (
  body: Buffer,
  options: zlib.ZlibOptions,
  onDone: (error: Error | null, data: Buffer) => void,
) => void;

const DECOMPRESS: Readonly<Record<string, Decompress | undefined>> = {
  gzip: zlib.gunzip,
  'x-gzip': zlib.gunzip,
  deflate: zlib.inflate,
  br: zlib.brotliDecompress,
  // Node 22.15 and newer.
  zstd: (zlib as { zstdDecompress?: Decompress }).zstdDecompress,
};

/** A body whose bytes are compressed where we see them: they are read when it is complete. */
export class CompressedReader implements AnswerReader {
  readonly answer: Answer;
  readonly isStream: boolean;
  readonly #inner: AnswerReader;
  readonly #decompress: Decompress | undefined;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(inner: AnswerReader, coding: string) {
    this.answer = inner.answer;
    this.isStream = inner.isStream;
    this.#inner = inner;
    this.#decompress = DECOMPRESS[coding];
  }

  read(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size <= COMPRESSED && this.#decompress) this.#parts.push(Buffer.from(chunk));
    else this.#parts = [];
  }

  end(onRead: () => void): void {
    const body = Buffer.concat(this.#parts);
    if (body.length === 0 || this.#decompress === undefined) {
      onRead();
      return;
    }
    // In the thread pool: a host waits for its answer, and not for us.
    this.#decompress(body, { maxOutputLength: DECOMPRESSED }, (error, data) => {
      if (error === null) this.#inner.read(data);
      this.#inner.end(onRead);
    });
  }
}
