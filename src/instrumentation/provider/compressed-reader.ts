import type * as Zlib from 'node:zlib';
import { lazyRequire } from '../../lazy-require.js';
import type { Answer, AnswerReader } from './answer.js';

/** Longest compressed body that is read, and longest that it may become. */
const COMPRESSED = 262_144;
const DECOMPRESSED = 8 * 1024 * 1024;

type Decompress = (
  body: Buffer,
  options: Zlib.ZlibOptions,
  onDone: (error: Error | null, data: Buffer) => void,
) => void;

interface Coding {
  /** Undefined where this Node has none. */
  readonly decompress: Decompress | undefined;
  /** Takes what there is of a body that was cut. */
  readonly finishFlush: number;
}

function codingOf(name: string): Coding | undefined {
  const zlib = lazyRequire('node:zlib') as typeof Zlib;
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return { decompress: zlib.gunzip, finishFlush: Z_SYNC_FLUSH };
    case 'deflate':
      return { decompress: inflateWith(zlib), finishFlush: Z_SYNC_FLUSH };
    case 'br':
      return { decompress: zlib.brotliDecompress, finishFlush: BROTLI_OPERATION_FLUSH };
    case 'zstd': {
      // Node 22.15 and newer.
      const { zstdDecompress } = zlib as { zstdDecompress?: Decompress };
      return { decompress: zstdDecompress, finishFlush: 1 };
    }
    default:
      return undefined;
  }
}

/** Some servers leave out the wrapper of zlib, which RFC 9110 (8.4.1.2) asks for. */
function inflateWith(zlib: typeof Zlib): Decompress {
  return (body, options, onDone) => {
    const isWrapped = ((body[0] ?? 0) & 0x0f) === 8;
    (isWrapped ? zlib.inflate : zlib.inflateRaw)(body, options, onDone);
  };
}

/** A body whose bytes are compressed where we see them: they are read when it is complete. */
export class CompressedReader implements AnswerReader {
  readonly answer: Answer;
  readonly isStream: boolean;
  readonly #inner: AnswerReader;
  readonly #coding: Coding | undefined;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(inner: AnswerReader, coding: string) {
    this.answer = inner.answer;
    this.isStream = inner.isStream;
    this.#inner = inner;
    this.#coding = codingOf(coding);
  }

  read(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size <= COMPRESSED) this.#parts.push(Buffer.from(chunk));
    else this.#parts = [];
  }

  end(onRead: () => void): void {
    const body = Buffer.concat(this.#parts);
    const { decompress, finishFlush = 0 } = this.#coding ?? {};
    if (body.length === 0 || decompress === undefined) {
      onRead();
      return;
    }
    // In the thread pool: a host waits for its answer, and not for us.
    decompress(body, { finishFlush, maxOutputLength: DECOMPRESSED }, (error, data) => {
      if (error === null) this.#inner.read(data);
      this.#inner.end(onRead);
    });
  }
}
