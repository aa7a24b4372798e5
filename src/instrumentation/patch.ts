/** A method as it is found on whatever object. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts a method in the place of another, with its name, its length and its visibility.
 * Returns the undo, which leaves in place what somebody has meanwhile wrapped around ours.
 */
export function replaceMethod(
  target: object,
  name: string,
  make: (original: Method) => Method,
): () => void {
  const methods = target as Record<string, unknown>;
  const original = methods[name];
  if (typeof original !== 'function') return () => undefined;
  const own = Object.getOwnPropertyDescriptor(target, name);
  const replacement = make(original as Method);
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(replacement, property, { configurable: true, value: original[property] });
  }
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
    value: replacement,
  });
  return () => {
    if (methods[name] !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  };
}

/**
 * Tells of each call of a method, with its arguments and what it is called on, before it is
 * made. `tell` must not throw.
 */
export function beforeCall(
  target: object,
  name: string,
  tell: (args: readonly unknown[], receiver: unknown) => void,
): () => void {
  return replaceMethod(
    target,
    name,
    (original) =>
      function (...args) {
        tell(args, this);
        return Reflect.apply(original, this, args);
      },
  );
}
