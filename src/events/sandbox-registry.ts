import { SANDBOX_STATES, type SandboxState } from '../catalog/vocabulary.js';
import type { Ledger } from '../ledger/ledger.js';

/** A pool as its host keeps it: sandboxes by state (absent is 0) and the most it will hold. */
export type PoolReading = Partial<Record<SandboxState, number>> & {
  readonly maxCapacity?: number;
};

/** Reads a host's pool; it may wait. */
export type PoolReader = () => PoolReading | Promise<PoolReading>;

/** Sandboxes by state: counted from events, or read from the pool that a host keeps. */
export class SandboxRegistry {
  readonly #ledger: Ledger;
  readonly #states = new Map<string, SandboxState>();
  /** What reads the pool now; events change no count meanwhile. */
  #read: PoolReader | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** It is in this state from now on; a sandbox that was not known is added. */
  enter(id: string, state: SandboxState): void {
    this.#count(this.#states.get(id), -1);
    this.#states.set(id, state);
    this.#count(state, 1);
  }

  /** It is gone. False when it was not known. */
  remove(id: string): boolean {
    this.#count(this.#states.get(id), -1);
    return this.#states.delete(id);
  }

  /** The most that the host will hold, where that is known from elsewhere. */
  limit(capacity: number): void {
    this.#ledger.tables.sandboxLimit.set(0, capacity);
  }

  /** How many are in each state, as far as events tell. */
  counts(): Record<SandboxState, number> {
    const counts = { cold: 0, warming: 0, warm: 0, waiting: 0, running: 0 };
    for (const state of this.#states.values()) counts[state]++;
    return counts;
  }

  /** Reads the pool before each snapshot instead of counting; returns the undo. */
  observe(read: PoolReader): () => void {
    this.#read = read;
    const look = async (): Promise<void> => {
      const reading = await read();
      // It may come back after another has taken its place.
      if (this.#read === read) this.#show(reading);
    };
    this.#ledger.observers.set('sandbox pool', look, ['sandboxCount', 'sandboxLimit']);
    return () => {
      if (this.#read !== read) return;
      this.#read = undefined;
      this.#ledger.observers.delete('sandbox pool');
      this.#recount();
    };
  }

  #show(reading: PoolReading): void {
    const { sandboxCount, sandboxLimit } = this.#ledger.tables;
    for (const state of SANDBOX_STATES)
      sandboxCount.set(sandboxCount.row(state), count(reading[state]));
    if (reading.maxCapacity !== undefined) sandboxLimit.set(0, count(reading.maxCapacity));
  }

  #recount(): void {
    const { sandboxCount } = this.#ledger.tables;
    for (const state of SANDBOX_STATES) sandboxCount.set(sandboxCount.row(state), 0);
    for (const state of this.#states.values()) this.#count(state, 1);
  }

  #count(state: SandboxState | undefined, amount: number): void {
    if (state === undefined || this.#read !== undefined) return;
    const { sandboxCount } = this.#ledger.tables;
    sandboxCount.add(sandboxCount.row(state), amount);
  }
}

/** A number that can be counted; anything else a host returns shows as 0. */
function count(value: unknown): number {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : 0;
}
