/**
 * Which end of a handle came first, and therefore counts: its host's, or that of the
 * function, signal or client it follows. A host that ends twice has a bug and is told; a
 * host that ends what had ended by itself has none.
 */
export class EndsOnce {
  #ended: 'no' | 'by the host' | 'by itself' = 'no';
  readonly #onSecondEnd: () => void;

  constructor(onSecondEnd: () => void) {
    this.#onSecondEnd = onSecondEnd;
  }

  /** Whether the host's end is the first. */
  byHost(): boolean {
    if (this.#ended === 'by the host') this.#onSecondEnd();
    return this.#first('by the host');
  }

  /** Whether what the handle follows ended first. */
  byItself(): boolean {
    return this.#first('by itself');
  }

  #first(how: 'by the host' | 'by itself'): boolean {
    if (this.#ended !== 'no') return false;
    this.#ended = how;
    return true;
  }
}
