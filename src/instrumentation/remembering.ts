/** Texts that are remembered at once: hosts and paths of which a process has a handful. */
const MOST = 256;

/** A function of a text that remembers what it gave; with too many texts it starts again. */
export function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    let entry = known.get(text);
    if (entry === undefined) {
      entry = { value: compute(text) };
      if (known.size >= MOST) known.clear();
      known.set(text, entry);
    }
    return entry.value;
  };
}
