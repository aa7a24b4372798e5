import type { Writable } from 'node:stream';

/**
 * Writes pieces one after the other and ends the stream. A piece is asked for when the one
 * before is out of the way, so that its memory may be used again; `pipeline` reads ahead.
 * Rejects with a `Left` where the stream was closed before all of them were written.
 */
export async function writeAll(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  stream: Writable,
): Promise<void> {
  for await (const piece of pieces) await written(stream, piece);
  stream.end();
}

/** The other side is gone. */
export class Left extends Error {
  override readonly name = 'Left';
}

function written(stream: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => {
      reject(new Left('the stream was closed'));
    };
    if (stream.destroyed) {
      onClose();
      return;
    }
    stream.once('close', onClose);
    stream.write(piece, () => {
      stream.off('close', onClose);
      // One that was closed meanwhile shows it at the next piece.
      resolve();
    });
  });
}
