import type { Runtime } from '../../events/runtime.js';
import { currentServerRequest, type ServerRequest } from '../../events/server-request.js';
import type { Verdict } from './verdict.js';

interface Missed {
  readonly verdict: Verdict;
  /** In which request it is being ended, if in any. */
  readonly by: ServerRequest | undefined;
  readonly onReplaced: () => void;
}

/**
 * Sandboxes that are being ended although they have not answered what they were last told. A
 * host that starts another of the same kind before such a one is gone rebuilds it.
 */
export class Replacements {
  readonly #runtime: Runtime;
  readonly #missed = new Set<Missed>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Returns what is called when it is gone. */
  miss(verdict: Verdict, onReplaced: () => void): () => void {
    const missed = { verdict, by: currentServerRequest(this.#runtime), onReplaced };
    this.#missed.add(missed);
    return () => {
      this.#missed.delete(missed);
    };
  }

  /** Whether what is started now takes the place of one that is missed. */
  replaces(verdict: Verdict): boolean {
    const by = currentServerRequest(this.#runtime);
    for (const missed of this.#missed) {
      if (missed.verdict !== verdict || missed.by !== by) continue;
      this.#missed.delete(missed);
      missed.onReplaced();
      return true;
    }
    return false;
  }
}
