/** Reads what stands at a place in a JSON value; undefined when nothing does. */
export type ReadAt = (json: unknown) => unknown;

/** Makes what reads a JSON path like `$.sessions[0].id`. */
export function compilePath(path: string): ReadAt {
  const keys = [...path.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(
    ([, name, index]) => name ?? index ?? '',
  );
  return (json) =>
    keys.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      json,
    );
}

/** Makes what reads the first of several paths that leads to a value; null is none. */
export function compilePaths(paths: readonly string[]): ReadAt {
  const reads = paths.map(compilePath);
  return (json) => {
    for (const read of reads) {
      const value = read(json);
      if (value !== undefined && value !== null) return value;
    }
    return undefined;
  };
}

/** A text, number or flag as it is written in a rule; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
