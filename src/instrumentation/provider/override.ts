type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts `observe` in front of a method of one object: it sees the arguments, and the method
 * is called as it was, with what it returns and throws. `observe` must not throw.
 */
export function observeMethod(
  target: object,
  name: string,
  observe: (...args: never[]) => void,
): void {
  const original = (target as Record<string, unknown>)[name];
  if (typeof original !== 'function') return;
  const value = {
    [name](this: unknown, ...args: unknown[]): unknown {
      (observe as Method)(...args);
      return (original as Method).apply(this, args);
    },
  }[name];
  // Not enumerable: whoever prints or copies the object finds what was there before.
  Object.defineProperty(target, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
