import type { Writable } from 'node:stream';

/** Bytes in order, in batches of pieces. A batch holds until the next one is asked for. */
export type Batches = AsyncIterable<readonly Uint8Array[]>;

/**
 * Writes batches one after the other and ends the stream. One is asked for when that before
 * it is out of the way, so that its memory may be used again; `pipeline` reads ahead. Rejects
 * with a `Left` where the stream was closed before all of them were written.
 */
export async function writeAll(
  batches: Batches | Iterable<readonly Uint8Array[]>,
  stream: Writable,
): Promise<void> {
  for await (const pieces of batches) if (pieces.length > 0) await written(stream, pieces);
  stream.end();
}

/** The other side is gone. */
export class Left extends Error {
  override readonly name = 'Left';
}

function written(stream: Writable, pieces: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      reject(new Left('the stream was closed'));
    };
    if (stream.destroyed) {
      onClose();
      return;
    }
    stream.once('close', onClose);
    stream.cork();
    const last = pieces.length - 1;
    for (const piece of pieces.slice(0, last)) stream.write(piece);
    // One that is closed before shows it at the next batch.
    stream.write(pieces[last], () => {
      stream.off('close', onClose);
      resolve();
    });
    stream.uncork();
  });
}
