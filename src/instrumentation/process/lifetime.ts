import { basename } from 'node:path';
import type { ExecResult } from '../../catalog/vocabulary.js';
import type { RunningExec } from '../../events/exec.js';
import type { LiveSandbox } from '../../events/live-sandbox.js';
import { isTimeout } from '../../events/outcome.js';
import type { Runtime } from '../../events/runtime.js';
import {
  currentServerRequest,
  isHandlingRequest,
  type ServerRequest,
} from '../../events/server-request.js';
import { isInTimer } from '../timers.js';
import type { StartedExec, StartedSandbox } from './executions.js';

/** What is told of a child process or a worker thread while its host has it. */
export interface Lifetime {
  /** It has posted a message. */
  answered(): void;
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

export function lifetimeOf(
  runtime: Runtime,
  started: StartedExec | StartedSandbox,
  limits: Limits,
): Lifetime {
  return 'exec' in started
    ? new ExecLifetime(runtime, started.exec, limits)
    : new SandboxLifetime(runtime, started.sandbox);
}

/** The exit code by which coreutils' `timeout` says that it has ended its command. */
const TIMED_OUT = 124;

/** Whether a program's exit code says that a deadline ended what it ran. */
export function isTimeoutExit(command: string, code: number | null): boolean {
  return code === TIMED_OUT && basename(command) === 'timeout';
}

/** One execution, from start to exit. */
class ExecLifetime implements Lifetime {
  readonly #runtime: Runtime;
  readonly #exec: RunningExec;
  readonly #limits: Limits;
  readonly #startedAt: number;
  readonly #request: ServerRequest | undefined;
  #answered = false;
  #stop: 'at its deadline' | 'with its answer' | 'called off' | undefined;

  constructor(runtime: Runtime, exec: RunningExec, limits: Limits) {
    this.#runtime = runtime;
    this.#exec = exec;
    this.#limits = limits;
    this.#startedAt = runtime.now();
    this.#request = currentServerRequest(runtime);
  }

  answered(): void {
    this.#answered = true;
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
    return code === 0 || this.#stop === 'with its answer' ? 'success' : 'error';
  }
}

/** A sandbox, from its start until it is gone. */
export class SandboxLifetime implements Lifetime {
  readonly #runtime: Runtime;
  readonly #sandbox: LiveSandbox;
  readonly #requests = new Set<ServerRequest>();
  #isReaped = false;

  constructor(runtime: Runtime, sandbox: LiveSandbox) {
    this.#runtime = runtime;
    this.#sandbox = sandbox;
  }

  /** It has shown that it is up: its thread runs, or it said something. */
  showedLife(): void {
    this.#sandbox.ready();
  }

  answered(): void {
    this.showedLife();
  }

  /** The host gives it something to do. It is taken to work for a request that gave it something to do until that is answered. */
  addressed(): void {
    const request = currentServerRequest(this.#runtime);
    if (request === undefined || request.isOver || this.#requests.has(request)) return;
    this.#requests.add(request);
    const release = this.#sandbox.occupy();
    request.onEnd(() => {
      this.#requests.delete(request);
      release();
    });
  }

  /** Whoever ends it while no request asks for that is the idle reaper. */
  stopping(): void {
    this.#isReaped ||= !isHandlingRequest(this.#runtime);
  }

  ended(): void {
    this.#sandbox.gone(this.#isReaped ? 'reaped' : 'stopped');
  }
}
