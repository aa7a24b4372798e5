import type { Ledger } from '../ledger/ledger.js';
import { diskUsage } from './disk-usage.js';

/** A session as its host describes it. */
export interface SessionOptions {
  /** The host's id; any string that is unique among the sessions it holds. */
  readonly id: string;
  /** The directory whose disk usage is the session's; measured when somebody scrapes. */
  readonly directory?: string | undefined;
  /** Memory cap in WASM pages of 64 KiB; null or absent is unlimited. */
  readonly memoryCapPages?: number | null | undefined;
  /** Milliseconds without activity after which it counts as expired; never when absent. */
  readonly idleTimeoutMs?: number | undefined;
}

/** The same as an instrumentation describes it. */
export interface TrackedSession extends SessionOptions {
  /** Milliseconds after its expiry when its host has cleaned it up; never when absent. */
  readonly removedAfterMs?: number | undefined;
}

/** One row of the per-session breakdown in wasmrun's JSON format. */
export interface SessionRow {
  readonly id: string;
  readonly diskBytes: number;
  readonly memoryCapPages: number | null;
}

type SessionState = 'active' | 'paused' | 'expired';

interface Session {
  readonly id: string;
  readonly directory: string | undefined;
  readonly memoryCapPages: number | null;
  readonly idleTimeoutMs: number;
  readonly removedAfterMs: number;
  /** What is known of it besides: for the lines, and to tell a warm resume from a cold one. */
  sandbox: string | null | undefined;
  agentName: string | undefined;
  touchedAt: number;
  /** Executions that run in it: it is not idle while there are any. */
  busy: number;
  state: SessionState | 'new';
  diskBytes: number;
}

/** What is known of a session besides its own events. */
export interface SessionFacts {
  readonly active: boolean;
  /** The id of its sandbox; null when it has none any more, undefined when nobody said. */
  readonly sandbox: string | null | undefined;
  readonly agentName: string | undefined;
}

/** Ended sessions that are remembered, so that a late event is told from a new session. */
const REMEMBERED_ENDS = 10_000;
/** Directories that are measured side by side. */
const MEASURED_TOGETHER = 8;

/**
 * The sessions of a host and their cells: `sessions_active` leaves out expired and paused
 * ones, `sessions_total` keeps them until they end. What it answers is whether an event
 * fitted; one that did not changes nothing.
 */
export class SessionRegistry {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  readonly #ended = new Set<string>();

  constructor(options: { ledger: Ledger; now: () => number }) {
    this.#ledger = options.ledger;
    this.#now = options.now;
    const expire = (): void => {
      this.#expireIdle();
    };
    this.#ledger.observers.set('session expiry', expire, [
      'sessionActive',
      'sessionTracked',
      'sessionDiskUsage',
    ]);
    this.#ledger.observers.set('session disk usage', () => this.#measure(), ['sessionDiskUsage']);
  }

  create(options: TrackedSession): boolean {
    if (this.#sessions.has(options.id)) return false;
    this.#ended.delete(options.id);
    this.#ledger.tables.sessionCreated.add(0, 1);
    this.#track(options);
    return true;
  }

  /** Activity: puts expiry off, and makes an expired session active again. */
  touch(id: string): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    session.touchedAt = this.#now();
    if (session.state === 'expired') this.#enter(session, 'active');
    return true;
  }

  /** Something runs in it until the returned function is called: it is not idle meanwhile. */
  hold(id: string): () => void {
    const session = this.#sessions.get(id);
    if (session === undefined) return () => undefined;
    this.touch(id);
    session.busy++;
    return () => {
      session.busy--;
      session.touchedAt = this.#now();
    };
  }

  /** It came back. A session that was never seen here is tracked from now on. */
  resume(options: TrackedSession): boolean {
    if (this.#ended.has(options.id)) return false;
    const session = this.#sessions.get(options.id);
    if (session === undefined) {
      this.#track(options);
    } else {
      session.touchedAt = this.#now();
      this.#enter(session, 'active');
    }
    return true;
  }

  /** How many sessions have a sandbox, by what was said of them, and how many have lost theirs. */
  sandboxes(): { readonly held: number; readonly lost: number } {
    const known = [...this.#sessions.values()].map(({ sandbox }) => sandbox);
    const lost = known.filter((sandbox) => sandbox === null).length;
    return { held: known.filter((sandbox) => sandbox !== undefined).length - lost, lost };
  }

  /** What is known of a session; undefined when it is not tracked. */
  facts(id: string): SessionFacts | undefined {
    const session = this.#sessions.get(id);
    return session && { ...session, active: session.state === 'active' };
  }

  /** Keeps what was said of a session's sandbox and agent. */
  learn(id: string, said: Partial<Pick<SessionFacts, 'sandbox' | 'agentName'>>): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) Object.assign(session, said);
  }

  /** It is no longer active but still known. */
  deactivate(id: string, state: 'paused' | 'expired'): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    this.#enter(session, state);
    return true;
  }

  end(id: string): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined) return false;
    this.#enter(session, 'paused');
    this.#sessions.delete(id);
    this.#ledger.tables.sessionTracked.add(0, -1);
    this.#ended.add(id);
    if (this.#ended.size > REMEMBERED_ENDS) {
      for (const oldest of this.#ended) {
        this.#ended.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** The active sessions, for the JSON format in open mode. */
  rows(): SessionRow[] {
    return [...this.#sessions.values()]
      .filter(({ state }) => state === 'active')
      .map(({ id, diskBytes, memoryCapPages }) => ({ id, diskBytes, memoryCapPages }));
  }

  #track(options: TrackedSession): void {
    const session: Session = {
      id: options.id,
      directory: options.directory,
      memoryCapPages: options.memoryCapPages ?? null,
      idleTimeoutMs: positiveOr(options.idleTimeoutMs, Infinity),
      removedAfterMs: positiveOr(options.removedAfterMs, Infinity),
      sandbox: undefined,
      agentName: undefined,
      touchedAt: this.#now(),
      busy: 0,
      state: 'new',
      diskBytes: 0,
    };
    this.#sessions.set(options.id, session);
    this.#ledger.tables.sessionTracked.add(0, 1);
    this.#enter(session, 'active');
  }

  #enter(session: Session, state: SessionState): void {
    const change = Number(state === 'active') - Number(session.state === 'active');
    session.state = state;
    this.#ledger.tables.sessionActive.add(0, change);
    this.#ledger.tables.sessionDiskUsage.add(0, change * session.diskBytes);
  }

  /** Expiry needs no timer: what has expired is settled whenever somebody looks. */
  #expireIdle(): void {
    const now = this.#now();
    for (const session of this.#sessions.values()) {
      if (session.busy > 0) continue;
      const overdueMs = now - session.touchedAt - session.idleTimeoutMs;
      if (overdueMs >= 0 && session.state === 'active') this.#enter(session, 'expired');
      if (overdueMs >= session.removedAfterMs && session.state === 'expired') this.end(session.id);
    }
  }

  async #measure(): Promise<void> {
    const queue = [...this.#sessions.values()].filter(
      ({ state, directory }) => state === 'active' && directory !== undefined,
    );
    const worker = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const bytes = await diskUsage(next.directory ?? '');
        if (next.state === 'active') {
          this.#ledger.tables.sessionDiskUsage.add(0, bytes - next.diskBytes);
          next.diskBytes = bytes;
        }
      }
    };
    await Promise.all(Array.from({ length: MEASURED_TOGETHER }, worker));
  }
}

function positiveOr(value: number | undefined, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
