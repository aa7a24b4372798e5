import type { Transform } from 'node:stream';
import type * as Zlib from 'node:zlib';
import { lazyRequire } from '../../../lazy-require.js';
import type { Chunk } from './tap.js';

/** Undoes a content encoding, off the host's path: results come in later turns of the loop. */
export interface Decoder {
  write(chunk: Chunk, encoding: BufferEncoding | undefined): void;
  /** Calls back when everything that can be decoded has been. */
  end(onEnd: () => void): void;
}

/**
 * The decoder for a response that was compressed on its way, as middleware does; undefined
 * for one that was not. What cannot be decoded gives nothing.
 */
export function createDecoder(
  contentEncoding: string | undefined,
  onDecoded: (decoded: Uint8Array) => void,
): Decoder | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return undefined;
  const stream = createStream(encoding);
  if (stream === undefined) {
    return {
      write: () => undefined,
      end: (onEnd) => {
        onEnd();
      },
    };
  }
  stream.on('data', onDecoded);
  let broken = false;
  stream.on('error', () => (broken = true));
  return {
    write(chunk, chunkEncoding) {
      // A copy: the host may use its own buffer again as soon as it has been sent.
      if (!broken) {
        stream.write(
          typeof chunk === 'string' ? Buffer.from(chunk, chunkEncoding) : Buffer.from(chunk),
        );
      }
    },
    end(onEnd) {
      if (broken) onEnd();
      else stream.once('close', onEnd).end();
    },
  };
}

function createStream(encoding: string): Transform | undefined {
  const zlib = lazyRequire('node:zlib') as typeof Zlib;
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
  // Streams are flushed after each event, and one that is cut short has no proper end.
  const flush = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip(flush);
    case 'deflate':
      return zlib.createInflate(flush);
    case 'br':
      return zlib.createBrotliDecompress({
        flush: BROTLI_OPERATION_FLUSH,
        finishFlush: BROTLI_OPERATION_FLUSH,
      });
    default:
      return undefined;
  }
}
