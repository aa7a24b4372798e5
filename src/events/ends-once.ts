/**
 * Which end of a handle came first, and therefore counts: its host's, or that of the
 * function, signal or client it follows. A host that goes on after an end of its own has a
 * bug and is told; a host that goes on with what had ended by itself has none.
 */
export class EndsOnce {
  #ended: 'no' | 'by the host' | 'by itself' = 'no';
  readonly #onMisuse: () => void;

  /** @param onMisuse told of what the host does after it has ended the handle. */
  constructor(onMisuse: () => void) {
    this.#onMisuse = onMisuse;
  }

  /**
   * Whether the host has ended it, so that what it reports now is a mistake. What ended by
   * itself may still have something to report: output is cut before a deadline is noticed.
   */
  get isMisused(): boolean {
    if (this.#ended === 'by the host') this.#onMisuse();
    return this.#ended === 'by the host';
  }

  /** Whether the host's end is the first. */
  byHost(): boolean {
    return !this.isMisused && this.#first('by the host');
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
