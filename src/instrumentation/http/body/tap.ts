/** What a host writes a body with: a response of HTTP/1.1 or a stream of HTTP/2. */
export interface BodyTarget {
  write: (...args: unknown[]) => unknown;
  end: (...args: unknown[]) => unknown;
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
  const follow = (
    original: BodyTarget['write'],
    told: (args: readonly unknown[]) => void,
  ): BodyTarget['write'] =>
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
    replace(target, { name: 'write', by: (original) => follow(original, tellChunk) }),
    replace(target, {
      name: 'end',
      by: (original) =>
        follow(original, (args) => {
          tellChunk(args);
          onEnd();
        }),
    }),
  ];
  return () => {
    for (const restore of restores) restore();
  };
}

function replace(
  target: BodyTarget,
  {
    name,
    by,
  }: { name: keyof BodyTarget; by: (original: BodyTarget['write']) => BodyTarget['write'] },
): () => void {
  const original = target[name];
  const before = Object.getOwnPropertyDescriptor(target, name);
  const value = by(original);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(value, property, { value: original[property], configurable: true });
  }
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    // Somebody may have wrapped ours meanwhile; then it stays.
    if (Object.getOwnPropertyDescriptor(target, name)?.value !== value) return;
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, before);
  };
}
