import type { PoolReading } from 'agent-otel';
import { Refusal } from './refusal.js';
import { Sandbox } from './sandbox.js';

export interface PoolOptions {
  /** The most places it has, those of stopped sessions included. */
  readonly maxSandboxes: number;
  /** How many sandboxes without a session it keeps ready. */
  readonly warmSpares: number;
  /** Told when a sandbox could not be started. */
  readonly onStartFailure: (error: unknown) => void;
}

/** Sandboxes by place: some with a session, a few ready for the next one, some cold. */
export class SandboxPool {
  readonly #options: PoolOptions;
  readonly #places = new Set<Sandbox>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#fillSpares();
  }

  /** Gives a sandbox to a session: a spare if there is one, else a new one. */
  async acquire(): Promise<Sandbox> {
    if (this.#closed) throw new Refusal(503, 'the server is shutting down');
    const sandbox = this.#spares()[0] ?? this.#startInFreePlace();
    sandbox.taken = true;
    this.#fillSpares();
    try {
      await sandbox.ready;
    } catch {
      throw new Refusal(503, 'no sandbox could be started');
    }
    return sandbox;
  }

  /** Gives a session another sandbox for one whose process is gone. */
  async replace(gone: Sandbox): Promise<Sandbox> {
    this.#places.delete(gone);
    try {
      return await this.acquire();
    } catch (error) {
      // The session still has its cold place, unless somebody else was given it meanwhile.
      if (this.#places.size < this.#options.maxSandboxes) this.#places.add(gone);
      throw error;
    }
  }

  /** A session is gone for good, and its sandbox with it. */
  async discard(sandbox: Sandbox): Promise<void> {
    this.#places.delete(sandbox);
    await sandbox.stop();
    this.#fillSpares();
  }

  /** The pool as it is now, for whoever scrapes. */
  reading(): PoolReading {
    const reading = { cold: 0, warming: 0, warm: 0, waiting: 0, running: 0 };
    for (const { state } of this.#places) reading[state]++;
    return { ...reading, maxCapacity: this.#options.maxSandboxes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#places].map((sandbox) => sandbox.stop()));
  }

  #spares(): Sandbox[] {
    const free = [...this.#places].filter(({ taken, state }) => !taken && state !== 'cold');
    return free.sort((a, b) => Number(b.alive) - Number(a.alive));
  }

  #fillSpares(): void {
    if (this.#closed) return;
    const free = this.#options.maxSandboxes - this.#places.size;
    const missing = this.#options.warmSpares - this.#spares().length;
    for (let left = Math.min(free, missing); left > 0; left--) this.#start();
  }

  #startInFreePlace(): Sandbox {
    if (this.#places.size >= this.#options.maxSandboxes) {
      const cold = [...this.#places].find(({ state }) => state === 'cold');
      if (cold === undefined) throw new Refusal(503, 'all sandboxes are in use');
      this.#places.delete(cold);
    }
    return this.#start();
  }

  #start(): Sandbox {
    const sandbox = new Sandbox();
    this.#places.add(sandbox);
    sandbox.ready.then(
      () => {
        void sandbox.exited.then(() => {
          this.#left(sandbox);
        });
      },
      (error: unknown) => {
        this.#places.delete(sandbox);
        if (!this.#closed) this.#options.onStartFailure(error);
      },
    );
    return sandbox;
  }

  /** A session's place stays when its process has ended, as a cold one; a spare's does not. */
  #left(sandbox: Sandbox): void {
    if (sandbox.taken) return;
    this.#places.delete(sandbox);
    this.#fillSpares();
  }
}
