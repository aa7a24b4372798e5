import type * as Zlib from 'node:zlib';
import { lazyRequire } from '../../lazy-require.js';
import { remembering } from '../remembering.js';
import type { Answer, AnswerReader } from './answer.js';

/** Longest compressed body that is read, and longest that it may become. */
const COMPRESSED = 262_144;
const DECOMPRESSED = 8 * 1024 * 1024;
/**
 * As much of both takes less time in the call than the way to the thread pool and back: a few
 * tens of microseconds, and a millisecond at the worst.
 */
const SHORT_COMPRESSED = 16_384;
const SHORT_DECOMPRESSED = 262_144;

type DecompressNow = (body: Buffer, options: Zlib.ZlibOptions) => Buffer;
type Decompress = (
  body: Buffer,
  options: Zlib.ZlibOptions,
  onDone: (error: Error | null, data: Buffer) => void,
) => void;

interface Coding {
  readonly now: DecompressNow;
  /** In the thread pool: a host waits for its answer, and not for us. */
  readonly later: Decompress;
  /** Takes what there is of a body that was cut. */
  readonly finishFlush: number;
}

/** Undefined for what is no coding, and for one that this Node has not. */
const codingOf = remembering((name): Coding | undefined => {
  const zlib = lazyRequire('node:zlib') as typeof Zlib;
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return { now: zlib.gunzipSync, later: zlib.gunzip, finishFlush: Z_SYNC_FLUSH };
    case 'deflate':
      return {
        now: (body, options) =>
          isWrapped(body) ? zlib.inflateSync(body, options) : zlib.inflateRawSync(body, options),
        later: (body, options, onDone) => {
          (isWrapped(body) ? zlib.inflate : zlib.inflateRaw)(body, options, onDone);
        },
        finishFlush: Z_SYNC_FLUSH,
      };
    case 'br':
      return {
        now: zlib.brotliDecompressSync,
        later: zlib.brotliDecompress,
        finishFlush: BROTLI_OPERATION_FLUSH,
      };
    case 'zstd': {
      // Node 22.15 and newer.
      const { zstdDecompressSync: now, zstdDecompress: later } = zlib as {
        zstdDecompressSync?: DecompressNow;
        zstdDecompress?: Decompress;
      };
      return now && later && { now, later, finishFlush: 1 };
    }
    default:
      return undefined;
  }
});

/** Some servers leave out the wrapper of zlib, which RFC 9110 (8.4.1.2) asks for. */
function isWrapped(body: Buffer): boolean {
  return ((body[0] ?? 0) & 0x0f) === 8;
}

/** A body whose bytes are compressed where we see them: they are read when it is complete. */
export class CompressedReader implements AnswerReader {
  readonly isStream: boolean;
  readonly #inner: AnswerReader;
  readonly #coding: Coding | undefined;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(inner: AnswerReader, coding: string) {
    this.isStream = inner.isStream;
    this.#inner = inner;
    this.#coding = codingOf(coding);
  }

  get answer(): Answer {
    return this.#inner.answer;
  }

  read(chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size <= COMPRESSED) this.#parts.push(Buffer.from(chunk));
    else this.#parts = [];
  }

  end(onRead: () => void): void {
    const body = Buffer.concat(this.#parts);
    const coding = this.#coding;
    if (body.length === 0 || coding === undefined) {
      onRead();
      return;
    }
    const { finishFlush } = coding;
    const short = body.length <= SHORT_COMPRESSED ? decompressShort(body, coding) : undefined;
    if (short !== undefined) {
      this.#inner.read(short);
      this.#inner.end(onRead);
      return;
    }
    coding.later(body, { finishFlush, maxOutputLength: DECOMPRESSED }, (error, data) => {
      if (error === null) this.#inner.read(data);
      this.#inner.end(onRead);
    });
  }
}

/** Undefined where it becomes long, or is not what it says. */
function decompressShort(body: Buffer, { now, finishFlush }: Coding): Buffer | undefined {
  try {
    return now(body, { finishFlush, maxOutputLength: SHORT_DECOMPRESSED });
  } catch {
    return undefined;
  }
}
