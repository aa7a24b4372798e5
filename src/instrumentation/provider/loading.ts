import Module from 'node:module';

/** Told of what a module exports whenever it is asked for, by the name that it is asked for by. */
export type OnLoaded = (request: string, exports: unknown) => void;

type Load = (request: string, ...rest: unknown[]) => unknown;

/** A `require` comes by here, and so does an `import` of what is CommonJS. Returns the undo. */
export function followLoading(listeners: readonly OnLoaded[]): () => void {
  const target = Module as unknown as { _load: Load };
  const original = target._load;
  const load: Load = function (this: unknown, request, ...rest) {
    const exports: unknown = original.call(this, request, ...rest);
    if (typeof request === 'string') for (const listener of listeners) listener(request, exports);
    return exports;
  };
  target._load = load;
  return () => {
    if (target._load === load) target._load = original;
  };
}
