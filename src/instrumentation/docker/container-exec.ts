import { basename } from 'node:path';
import type { ExecResult } from '../../catalog/vocabulary.js';
import type { ExecPart, ServerRequest } from '../../events/server-request.js';
import { isInTimer } from '../timers.js';
import type { Container, Containers } from './containers.js';

/**
 * How long the exit code of an execution whose stream has ended is waited for, in
 * milliseconds. A host that wants it asks at once.
 */
const EXIT_CODE_MS = 1_000;

/** coreutils' `timeout` exits so when it has ended its command, the latter with `-s KILL`. */
const TIMEOUT_CODES = new Set([124, 137]);

/** Something that is executed in a container: from its creation until its result is known. */
export class ContainerExec {
  readonly container: Container;
  readonly #containers: Containers;
  readonly #program: string;
  #run: ExecPart | undefined;
  #request: ServerRequest | undefined;
  #release: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #state: 'created' | 'running' | 'over' | 'settled' = 'created';
  #isDetached = false;
  #isPastDeadline = false;

  /** @param options.program the first word of its command. */
  constructor(options: { containers: Containers; container: Container; program: string }) {
    this.container = options.container;
    this.#containers = options.containers;
    this.#program = basename(options.program);
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** It is dispatched. Without a `run` it is followed for what it says of its container. */
  dispatched(run: ExecPart | undefined, request: ServerRequest | undefined): void {
    this.#state = 'running';
    this.#run = run;
    this.#request = request;
    this.#release = this.container.sandbox?.occupy() ?? this.#release;
  }

  /** It runs without anybody at its stream, until its host finds that it has ended. */
  detached(): void {
    this.#isDetached = true;
  }

  /** The answer to its start is whole; that of a detached one says nothing. */
  streamEnded(): void {
    if (this.#isDetached || this.#state !== 'running') return;
    this.#containers.trust(this.container);
    this.#stop();
    this.awaitExitCode();
  }

  /** Waits for the exit code a little, where the stream is over. */
  awaitExitCode(): void {
    if (this.#state !== 'over') return;
    this.#timer = setTimeout(() => {
      this.#settle('success');
    }, EXIT_CODE_MS).unref();
  }

  /** Its host asks for the exit code. */
  asked(): void {
    clearTimeout(this.#timer);
  }

  /** The Engine has said that it is over, and with which exit code. */
  exited(code: number): void {
    if (this.#state === 'created') return;
    this.#stop();
    // A user's code may fail; what runs for nobody is a probe, and must not.
    if (code !== 0 && this.#run === undefined) this.#containers.suspect(this.container);
    else this.#containers.trust(this.container);
    const timedOut = this.#program === 'timeout' && TIMEOUT_CODES.has(code);
    this.#settle(timedOut ? 'timeout' : code === 0 ? 'success' : 'error');
  }

  /** It could not be started, or its stream broke. */
  failed(): void {
    if (this.#state === 'created') return;
    this.#containers.suspect(this.container);
    this.#settle('error');
  }

  /** The host gives its stream up: time has run out, or nobody wants to know any more. */
  givenUp(by: ServerRequest | undefined): void {
    if (this.#state === 'created') return;
    const isPastDeadline = isInTimer() || this.#isAwaited(by);
    if (isPastDeadline || this.#run === undefined) this.#containers.suspect(this.container);
    this.#settle(isPastDeadline ? 'timeout' : 'error');
  }

  /** The host is stopping its container. */
  containerStopping(by: ServerRequest | undefined, isByTimer: boolean): void {
    if (!this.isRunning || !(isByTimer || this.#isAwaited(by))) return;
    this.#isPastDeadline = true;
    this.#containers.suspect(this.container);
  }

  /** The request that it was detached from is over, and nobody will say more of it. */
  leftBehind(): void {
    if (this.isRunning && this.#isDetached) this.#settle('success');
  }

  /**
   * Whether what ends it is done by the request that it is for, and whose client still waits.
   * The Engine cannot end an execution, so that at a deadline hosts give up its stream or its
   * container: by a timer, or at last after some `await`, and then in that request.
   */
  #isAwaited(by: ServerRequest | undefined): boolean {
    return by !== undefined && by === this.#request && !by.isAborted;
  }

  #stop(): void {
    if (this.#state !== 'running') return;
    this.#state = 'over';
    this.#release();
    this.#run?.stop();
  }

  #settle(result: ExecResult): void {
    clearTimeout(this.#timer);
    this.#stop();
    if (this.#state === 'settled') return;
    this.#state = 'settled';
    this.#run?.end(this.#isPastDeadline ? 'timeout' : result);
  }
}
