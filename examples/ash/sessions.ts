import { randomUUID } from 'node:crypto';
import { session as sessionEvents } from 'agent-otel';
import type { SandboxPool } from './pool.js';
import { Refusal } from './refusal.js';
import type { Sandbox } from './sandbox.js';

type Status = 'active' | 'paused' | 'stopped';

interface Session {
  readonly id: string;
  readonly agentName: string;
  readonly createdAt: string;
  status: Status;
  sandbox: Sandbox;
  /** What it is doing, because of which other requests have to wait their turn. */
  busy: 'answering' | 'resuming' | undefined;
}

/** A session as clients see it. */
export interface SessionView {
  readonly id: string;
  readonly agentName: string;
  readonly status: Status;
  /** Null when it has no live sandbox. */
  readonly sandboxId: string | null;
  readonly createdAt: string;
}

const MAX_SESSIONS = 10_000;

function view({ id, agentName, status, sandbox, createdAt }: Session): SessionView {
  return { id, agentName, status, sandboxId: sandbox.alive ? sandbox.id : null, createdAt };
}

/** The sessions of this server, and what they report to agent-otel. */
export class Sessions {
  readonly #pool: SandboxPool;
  readonly #sessions = new Map<string, Session>();

  constructor(pool: SandboxPool) {
    this.#pool = pool;
  }

  list(): SessionView[] {
    return [...this.#sessions.values()].map(view);
  }

  get(id: string): SessionView {
    return view(this.#find(id));
  }

  async create(agentName: string): Promise<SessionView> {
    if (this.#sessions.size >= MAX_SESSIONS) throw new Refusal(503, 'there are too many sessions');
    const session: Session = {
      id: randomUUID(),
      agentName,
      createdAt: new Date().toISOString(),
      status: 'active',
      sandbox: await this.#pool.acquire(),
      busy: undefined,
    };
    this.#sessions.set(session.id, session);
    sessionEvents.created({ id: session.id });
    this.#watch(session, session.sandbox);
    return view(session);
  }

  /** Keeps its sandbox alive for a warm resume. */
  pause(id: string): SessionView {
    const session = this.#find(id);
    if (session.busy !== undefined) throw new Refusal(409, `the session is ${session.busy}`);
    this.#leaveActive(session, 'paused');
    return view(session);
  }

  /** Ends its sandbox, and with it an answer that is under way. */
  async stop(id: string): Promise<SessionView> {
    const session = this.#find(id);
    if (session.busy === 'resuming') throw new Refusal(409, 'the session is resuming');
    this.#leaveActive(session, 'stopped');
    session.status = 'stopped';
    await session.sandbox.stop();
    return view(session);
  }

  async resume(id: string): Promise<SessionView> {
    const session = this.#find(id);
    if (session.status === 'active') return view(session);
    if (session.busy !== undefined) throw new Refusal(409, `the session is ${session.busy}`);
    const path = session.sandbox.alive ? 'warm' : 'cold';
    if (path === 'cold') {
      session.busy = 'resuming';
      try {
        session.sandbox = await this.#pool.replace(session.sandbox);
      } finally {
        session.busy = undefined;
      }
    }
    session.status = 'active';
    sessionEvents.resumed({ id, path, agentName: session.agentName });
    if (path === 'cold') this.#watch(session, session.sandbox);
    return view(session);
  }

  async delete(id: string): Promise<void> {
    const session = this.#find(id);
    if (session.busy === 'resuming') throw new Refusal(409, 'the session is resuming');
    this.#sessions.delete(id);
    sessionEvents.ended(id);
    await this.#pool.discard(session.sandbox);
  }

  /** Calls `answer` with the sandbox that is to answer a message; one message at a time. */
  async answering<T>(id: string, answer: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    const session = this.#find(id);
    if (session.status !== 'active') throw new Refusal(409, `the session is ${session.status}`);
    if (session.busy !== undefined) throw new Refusal(409, `the session is ${session.busy}`);
    session.busy = 'answering';
    try {
      return await answer(session.sandbox);
    } finally {
      session.busy = undefined;
    }
  }

  #find(id: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Refusal(404, 'there is no such session');
    return session;
  }

  #leaveActive(session: Session, status: Status): void {
    if (session.status !== 'active') return;
    session.status = status;
    sessionEvents.paused(session.id);
  }

  /** An active session whose sandbox dies is stopped; a resume gives it a new one. */
  #watch(session: Session, sandbox: Sandbox): void {
    void sandbox.exited.then(() => {
      if (!this.#sessions.has(session.id) || session.sandbox !== sandbox) return;
      this.#leaveActive(session, 'stopped');
    });
  }
}
