/** A function that is handed on with its arguments and `this`. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts a function in the place of one of an object's own or inherited ones. It has the same
 * name and length, and who lists the object's properties does not see it. Returns the undo.
 */
export function replaceFunction<K extends string>(
  target: Record<K, AnyFunction>,
  name: K,
  by: (original: AnyFunction) => AnyFunction,
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
