import { basename } from 'node:path';
import type { ExecResult } from '../../catalog/vocabulary.js';
import { isTimeout } from '../../events/outcome.js';
import type { Runtime } from '../../events/runtime.js';
import {
  currentServerRequest,
  type ExecPart,
  type ServerRequest,
} from '../../events/server-request.js';
import { isInTimer } from '../timers.js';
import type { StartedExec } from './executions.js';
import type { MessagePlan } from './message-plan.js';

/** What is told of a child process or a worker thread while its host has it. */
export interface Lifetime {
  /** It has posted a message. */
  answered(message: unknown): void;
  /** The host is ending it. */
  stopping(): void;
  /** It has ended, with its exit code, or with none where a signal or an error ended it. */
  ended(code: number | null): void;
}

/** What it was started with, as far as that tells how it ended. */
export interface Limits {
  /** The program. */
  readonly command: string;
  /** The host's `signal` option. */
  readonly signal?: AbortSignal | undefined;
  /** A time limit that the host keeps itself, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** The exit code by which coreutils' `timeout` says that it has ended its command. */
const TIMED_OUT = 124;

/** Whether a program's exit code says that a deadline ended what it ran. */
export function isTimeoutExit(command: string, code: number | null): boolean {
  return code === TIMED_OUT && basename(command) === 'timeout';
}

/** One execution, from start to exit. */
export class ExecLifetime implements Lifetime {
  readonly #runtime: Runtime;
  readonly #exec: ExecPart;
  readonly #messages: MessagePlan | undefined;
  readonly #limits: Limits;
  readonly #startedAt: number;
  readonly #request: ServerRequest | undefined;
  #answered = false;
  /** What it has said of itself. */
  #said: ExecResult | undefined;
  #stop: 'at its deadline' | 'with its answer' | 'called off' | undefined;

  constructor(runtime: Runtime, { exec, verdict }: StartedExec, limits: Limits) {
    this.#runtime = runtime;
    this.#exec = exec;
    this.#messages = verdict.messages;
    this.#limits = limits;
    this.#startedAt = runtime.now();
    this.#request = currentServerRequest(runtime);
  }

  answered(message: unknown): void {
    this.#answered = true;
    if (this.#messages === undefined) return;
    this.#said = this.#messages.result(message) ?? this.#said;
    if (this.#messages.truncated(message)) this.#exec.truncated();
  }

  stopping(): void {
    if (this.#isPastDeadline()) this.#stop = 'at its deadline';
    else if (this.#answered && this.#request?.isAborted !== true) this.#stop ??= 'with its answer';
    else this.#stop ??= 'called off';
  }

  ended(code: number | null): void {
    this.#exec.end(this.#result(code));
  }

  #isPastDeadline(): boolean {
    const { signal, timeoutMs } = this.#limits;
    const elapsedMs = this.#runtime.now() - this.#startedAt;
    return isInTimer() || isTimeout(signal?.reason) || elapsedMs >= (timeoutMs ?? Infinity);
  }

  #result(code: number | null): ExecResult {
    if (this.#stop === 'at its deadline' || isTimeoutExit(this.#limits.command, code)) {
      return 'timeout';
    }
    if (this.#said !== undefined) return this.#said;
    return code === 0 || this.#stop === 'with its answer' ? 'success' : 'error';
  }
}
