import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { session as sessionEvents } from 'agent-otel';

export interface SessionSettings {
  readonly tenant: string | undefined;
  readonly memoryCapPages: number | null;
  readonly idleTimeoutMs: number;
}

export interface Session extends SessionSettings {
  readonly id: string;
  readonly directory: string;
  /** Fires when the session ends, for what is still running in it. */
  readonly signal: AbortSignal;
}

interface Tracked extends Session {
  readonly ending: AbortController;
  readonly running: Set<Promise<unknown>>;
  touchedAt: number;
}

/**
 * The sessions, each with a directory of its own. One that was idle for its time is
 * expired: nobody finds it any more, and the cleaner removes it at its next round.
 */
export class Sessions {
  readonly #root: string;
  readonly #cleaner: NodeJS.Timeout;
  readonly #sessions = new Map<string, Tracked>();

  constructor({ root, cleanIntervalMs }: { root: string; cleanIntervalMs: number }) {
    this.#root = root;
    this.#cleaner = setInterval(() => void this.#clean(), cleanIntervalMs).unref();
  }

  async create(settings: SessionSettings): Promise<Session> {
    const id = randomBytes(16).toString('hex');
    const directory = join(this.#root, id);
    await mkdir(directory);
    const ending = new AbortController();
    const tracked: Tracked = {
      ...settings,
      id,
      directory,
      ending,
      signal: ending.signal,
      running: new Set(),
      touchedAt: performance.now(),
    };
    this.#sessions.set(id, tracked);
    const { memoryCapPages, idleTimeoutMs } = settings;
    sessionEvents.created({ id, directory, memoryCapPages, idleTimeoutMs });
    return tracked;
  }

  /** Finds a session of a tenant and puts its expiry off. */
  find(id: string, tenant: string | undefined): Session | undefined {
    const session = this.#sessions.get(id);
    if (session?.tenant !== tenant || session === undefined || isExpired(session)) return undefined;
    this.#touch(session);
    return session;
  }

  /** Does work that keeps a session from expiring and that its end waits for. */
  async whileBusy<T>({ id }: Session, work: () => Promise<T>): Promise<T> {
    const session = this.#sessions.get(id);
    if (session === undefined) return work();
    const keepAlive = setInterval(() => {
      this.#touch(session);
    }, session.idleTimeoutMs / 2);
    const running = work();
    session.running.add(running);
    try {
      return await running;
    } finally {
      clearInterval(keepAlive);
      session.running.delete(running);
      this.#touch(session);
    }
  }

  /** Ends a session: what runs in it is called off and its directory removed. */
  async end(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    session.ending.abort();
    await Promise.allSettled(session.running);
    sessionEvents.ended(id);
    await rm(session.directory, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    clearInterval(this.#cleaner);
    await Promise.allSettled([...this.#sessions.keys()].map((id) => this.end(id)));
  }

  #touch(session: Tracked): void {
    if (this.#sessions.get(session.id) !== session) return;
    session.touchedAt = performance.now();
    sessionEvents.touched(session.id);
  }

  async #clean(): Promise<void> {
    const expired = [...this.#sessions.values()].filter(isExpired);
    await Promise.allSettled(expired.map(({ id }) => this.end(id)));
  }
}

function isExpired({ touchedAt, idleTimeoutMs }: Tracked): boolean {
  return performance.now() - touchedAt >= idleTimeoutMs;
}
