/** A method of an object that is not ours. */
export type Method = (this: object, ...args: unknown[]) => unknown;

/** Gives a replacement the name and the length of what it replaces. */
export function imitating<F extends Method>(original: Method, replacement: F): F {
  return Object.defineProperties(replacement, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  });
}

/**
 * Puts `observe` in front of a method of one object: it sees the arguments, and the method
 * is called as it was, with what it returns and throws. `observe` must not throw.
 */
export function observeMethod(
  target: object,
  name: string,
  observe: (...args: never[]) => void,
): void {
  const original = (target as Readonly<Record<string, unknown>>)[name];
  if (typeof original !== 'function') return;
  const method = original as Method;
  const value = imitating(method, function (...args) {
    (observe as (...args: unknown[]) => void)(...args);
    return method.apply(this, args);
  });
  // Not enumerable: whoever prints or copies the object finds what was there before.
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
