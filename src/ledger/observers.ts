import type { InstrumentKey } from '../catalog/instruments.js';

/** Longest that one reading of all observers may take, in milliseconds. */
const DEADLINE_MS = 250;

/** Told of a problem, and of the error behind it where there is one. */
export type OnProblem = (problem: string, error?: unknown) => void;

/** Writes current values into the ledger's cells; it may wait, within the deadline. */
export type Observer = () => void | Promise<void>;

/** An observer and the instruments whose cells it writes; undefined may be any. */
interface Registered {
  readonly read: Observer;
  readonly writes: readonly InstrumentKey[] | undefined;
}

/**
 * Values that are not counted but looked at: pool states, limits, disk usage. They are
 * read before a snapshot. One that throws or takes too long leaves its last values in
 * place, is reported once, and holds nobody up beyond the deadline.
 */
export class Observers {
  readonly #observers = new Map<string, Registered>();
  readonly #pending = new Map<string, Promise<void>>();
  /** Those among the pending that a scrape has waited for in vain. */
  readonly #late = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #onProblem: OnProblem;

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  /**
   * Registers an observer under a name; a second one of that name takes its place. One that
   * says which instruments it `writes` is read only when one of them is wanted.
   */
  set(name: string, read: Observer, writes?: readonly InstrumentKey[]): void {
    this.#observers.set(name, { read, writes });
    // A reading of the former observer that still hangs must not keep this one from running.
    this.#forget(name);
  }

  delete(name: string): void {
    this.#observers.delete(name);
    this.#forget(name);
  }

  #forget(name: string): void {
    this.#pending.delete(name);
    this.#late.delete(name);
  }

  /**
   * Reads all of them, or those alone that write the instruments somebody will look at.
   * Never rejects, and resolves within the deadline.
   */
  async run(wanted?: ReadonlySet<InstrumentKey>): Promise<void> {
    const needed = [...this.#observers].filter(
      ([, { writes }]) => wanted === undefined || (writes?.some((key) => wanted.has(key)) ?? true),
    );
    for (const [name, { read }] of needed) {
      // One that still hangs from an earlier scrape is not started a second time.
      if (!this.#pending.has(name)) this.#start(name, read);
    }
    // Nor is one waited for that was late before: it would cost every scrape the deadline.
    const names = new Set(needed.map(([name]) => name));
    const awaited = [...this.#pending].filter(([name]) => names.has(name) && !this.#late.has(name));
    if (awaited.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, DEADLINE_MS, 'late').unref();
    });
    const outcome = await Promise.race([
      Promise.all(awaited.map(([, reading]) => reading)),
      deadline,
    ]);
    clearTimeout(timer);
    if (outcome !== 'late') return;
    for (const [name] of awaited) {
      if (!this.#pending.has(name)) continue;
      this.#late.add(name);
      this.#report(name, `took more than ${DEADLINE_MS} ms; its last value is shown`);
    }
  }

  #start(name: string, observer: Observer): void {
    try {
      const reading = observer();
      if (reading === undefined) return;
      const settled = reading.then(
        () => undefined,
        (error: unknown) => {
          this.#report(name, 'could not be read', error);
        },
      );
      this.#pending.set(name, settled);
      void settled.finally(() => {
        if (this.#pending.get(name) === settled) this.#forget(name);
      });
    } catch (error) {
      this.#report(name, 'could not be read', error);
    }
  }

  #report(name: string, problem: string, error?: unknown): void {
    if (this.#reported.has(name)) return;
    this.#reported.add(name);
    this.#onProblem(`the observed value ${name} ${problem}`, error);
  }
}
