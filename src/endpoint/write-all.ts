import type { Writable } from 'node:stream';

/** Bytes that are written together, in order. */
export interface Batch {
  readonly pieces: readonly Uint8Array[];
  /** Told when they are out of the way, so that their memory may be used again. */
  readonly onWritten?: () => void;
}

export type Batches = AsyncIterable<Batch>;

/**
 * Writes batches one after the other and ends the stream; the next one is asked for when the
 * stream takes more. (`pipeline` does not tell when a piece is out of the way.) Rejects with a
 * `Left` where the stream was closed, or ended by somebody else, before all were written.
 */
export async function writeAll(
  batches: Batches | Iterable<Batch>,
  stream: Writable,
): Promise<void> {
  for await (const batch of batches) if (batch.pieces.length > 0) await written(stream, batch);
  stream.end();
}

/** Nobody takes the rest: the other side is gone, or a host has ended its response meanwhile. */
export class Left extends Error {
  override readonly name = 'Left';
}

function written(stream: Writable, { pieces, onWritten }: Batch): Promise<void> {
  return new Promise((resolve, reject) => {
    // To write after the end would be an error event that no host listens to.
    if (stream.destroyed || stream.writableEnded) {
      reject(new Left('the stream was closed'));
      return;
    }
    stream.cork();
    const last = pieces.length - 1;
    for (const piece of pieces.slice(0, last)) stream.write(piece);
    // A host's middleware may have put a `write` in the way that tells nobody when it is done:
    // then the memory is not used again, and that is all.
    const takesMore = stream.write(pieces[last], (error) => {
      if (error == null) onWritten?.();
    });
    stream.uncork();
    if (takesMore) {
      resolve();
      return;
    }
    const onDrain = (): void => {
      stream.off('close', onClose);
      resolve();
    };
    const onClose = (): void => {
      stream.off('drain', onDrain);
      reject(new Left('the stream was closed'));
    };
    stream.once('drain', onDrain).once('close', onClose);
  });
}
