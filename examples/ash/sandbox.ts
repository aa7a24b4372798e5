import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { sandbox as sandboxEvents, type SandboxState } from 'agent-otel';
import type { FromSandbox, ToSandbox } from './protocol.js';

/** A message for a sandbox, and who hears its answer. */
export interface Question {
  readonly content: string;
  /** Fires when nobody listens any more: the sandbox stops answering. */
  readonly signal: AbortSignal;
  readonly onChunk: (text: string) => void;
}

/** What the process was asked for and has yet to deliver. */
interface Pending {
  readonly onChunk: (text: string) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const CHILD = new URL('./sandbox-child.js', import.meta.url);
const START_TIMEOUT_MS = 10_000;

function forkChild(): ChildProcess {
  // A sandbox gets none of the server's flags, environment or output: no preload, no
  // secrets, and no line of its own between the server's JSON lines.
  return fork(CHILD, [], { execArgv: [], env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}

/** One place in the pool and the child process in it; its state follows from what is so. */
export class Sandbox {
  readonly id = randomUUID();
  /** Resolves when it can take messages; rejects when it never will. */
  readonly ready: Promise<void>;
  /** Resolves when its process is gone. */
  readonly exited: Promise<void>;
  /** Whether it belongs to a session. */
  taken = false;
  readonly #child = forkChild();
  #phase: 'starting' | 'up' | 'down' = 'starting';
  #pending: Pending | undefined;

  constructor() {
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        resolve();
      });
      this.#child.on('error', () => {
        // A process that could not be spawned has no exit; after any other error one follows.
        if (this.#child.pid === undefined) resolve();
      });
    });
    this.#child.on('message', (message: FromSandbox) => {
      this.#hear(message);
    });
    void this.exited.then(() => {
      this.#phase = 'down';
      this.#pending?.reject(new Error('the sandbox process died'));
    });
    this.ready = sandboxEvents.start({ id: this.id }, () => this.#start());
  }

  /** Whether it can take messages, now or after the one that it is answering. */
  get alive(): boolean {
    return this.#phase === 'up';
  }

  get state(): SandboxState {
    if (this.#phase === 'down') return 'cold';
    if (this.#phase === 'starting') return 'warming';
    if (!this.taken) return 'warm';
    return this.#pending === undefined ? 'waiting' : 'running';
  }

  /** Has a message answered. Rejects when the process dies before the answer is complete. */
  async ask({ content, signal, onChunk }: Question): Promise<void> {
    if (!this.alive) throw new Error('the sandbox process is gone');
    const cancel = (): void => {
      this.#tell({ type: 'cancel' });
    };
    this.#tell({ type: 'message', content });
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await this.#delivery(onChunk);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Ends the process, whatever it is doing. */
  async stop(): Promise<void> {
    this.#phase = 'down';
    this.#child.kill();
    await this.exited;
  }

  async #start(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), START_TIMEOUT_MS);
    try {
      await this.#delivery(() => undefined);
    } finally {
      clearTimeout(timer);
    }
    void this.exited.then(() => {
      sandboxEvents.stopped(this.id);
    });
  }

  async #delivery(onChunk: (text: string) => void): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#pending = { onChunk, resolve, reject };
      });
    } finally {
      this.#pending = undefined;
    }
  }

  #hear(message: FromSandbox): void {
    switch (message.type) {
      case 'chunk':
        this.#pending?.onChunk(message.text);
        break;
      case 'ready':
        if (this.#phase === 'starting') this.#phase = 'up';
        this.#pending?.resolve();
        break;
      case 'done':
        this.#pending?.resolve();
        break;
    }
  }

  #tell(message: ToSandbox): void {
    this.#child.send(message);
  }
}
