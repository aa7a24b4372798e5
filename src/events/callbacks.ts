/** Who is to be told of something. It is one as a rule, and no Set is made for one. */
export class Callbacks {
  #first: (() => void) | undefined;
  #others: Set<() => void> | undefined;

  /** Adds one; returns the undo. */
  add(callback: () => void): () => void {
    if (this.#first === undefined) this.#first = callback;
    else (this.#others ??= new Set()).add(callback);
    return () => {
      if (this.#first === callback) this.#first = undefined;
      else this.#others?.delete(callback);
    };
  }

  call(): void {
    this.#first?.();
    this.#others?.forEach((callback) => {
      callback();
    });
  }
}

/** The undo of what was never added. */
export const NOTHING_TO_UNDO = (): void => undefined;
