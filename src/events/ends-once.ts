import type { Runtime } from './runtime.js';

/** What is said once of a host that goes on with a handle after it has ended it. */
export interface Misuse {
  readonly key: string;
  readonly problem: string;
}

/**
 * Which end of a handle came first, and therefore counts: its host's, or that of the
 * function, signal or client it follows. A host that goes on after an end of its own has a
 * bug and is told; a host that goes on with what had ended by itself has none.
 */
export class EndsOnce {
  #ended: 'no' | 'by the host' | 'by itself' = 'no';
  readonly #runtime: Runtime;
  readonly #misuse: Misuse;

  constructor(runtime: Runtime, misuse: Misuse) {
    this.#runtime = runtime;
    this.#misuse = misuse;
  }

  /**
   * Whether the host has ended it, so that what it reports now is a mistake. What ended by
   * itself may still have something to report: output is cut before a deadline is noticed.
   */
  get isMisused(): boolean {
    if (this.#ended !== 'by the host') return false;
    this.#runtime.reportOnce(this.#misuse.key, this.#misuse.problem);
    return true;
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
