import { replaceFunction, type AnyFunction } from './replace-function.js';

/** What a host writes a body with: a response of HTTP/1.1 or a stream of HTTP/2. */
export interface BodyTarget {
  write: AnyFunction;
  end: AnyFunction;
}

/** A piece of a body as it was handed over. */
export type Chunk = string | Uint8Array;

/** Is told what was written. */
export interface BodyListener {
  readonly onChunk: (chunk: Chunk, encoding: BufferEncoding | undefined) => void;
  readonly onEnd: () => void;
}

/**
 * Listens to what is written through a target's `write` and `end`. Arguments, results,
 * errors and `this` are passed through; the two functions keep their names and lengths, and
 * the target shows no new property to who lists them. Returns the undo.
 */
export function tapBody(target: BodyTarget, { onChunk, onEnd }: BodyListener): () => void {
  /** An `end` that calls `write` itself hands the same chunk over twice. */
  let inside = false;
  const follow = (original: AnyFunction, told: (args: readonly unknown[]) => void): AnyFunction =>
    function (this: unknown, ...args) {
      if (inside) return original.apply(this, args);
      inside = true;
      let result: unknown;
      try {
        result = original.apply(this, args);
      } finally {
        inside = false;
      }
      told(args);
      return result;
    };
  const tellChunk = ([chunk, encoding]: readonly unknown[]): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    onChunk(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined);
  };
  const restores = [
    replaceFunction(target, 'write', (original) => follow(original, tellChunk)),
    replaceFunction(target, 'end', (original) =>
      follow(original, (args) => {
        tellChunk(args);
        onEnd();
      }),
    ),
  ];
  return () => {
    for (const restore of restores) restore();
  };
}
