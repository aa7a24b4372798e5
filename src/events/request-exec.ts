import type { ExecResult } from '../catalog/vocabulary.js';
import { RunningExec } from './exec.js';
import type { Runtime } from './runtime.js';
import {
  currentServerRequest,
  type ExecPart,
  type ServerRequest,
  type WholeExec,
} from './server-request.js';

/** From the one that says least to the one that says most. */
const BY_WEIGHT: readonly ExecResult[] = ['success', 'error', 'timeout'];

/**
 * A request that is one execution, whatever is started for it: it runs from the first of its
 * parts to the last, and its response says what came of it. Where no part of it can be seen,
 * it runs from its arrival until it is answered.
 */
export class RequestExec implements WholeExec {
  readonly #runtime: Runtime;
  readonly #event: ServerRequest;
  #run: RunningExec | undefined;
  #running = 0;
  #unended = 0;
  #worst: ExecResult | undefined;
  #isInFlight = false;
  #isOver = false;
  #isSettled = false;

  constructor(runtime: Runtime, event: ServerRequest) {
    this.#runtime = runtime;
    this.#event = event;
  }

  get isOpen(): boolean {
    return !this.#isSettled;
  }

  /** Whether anything of it was seen to run. */
  get hasParts(): boolean {
    return this.#run !== undefined;
  }

  part({ sandbox }: { readonly sandbox?: string }): ExecPart {
    this.#land();
    if (this.#run === undefined) this.#run = new RunningExec(this.#runtime, { sandbox });
    else {
      this.#run.resume();
      if (sandbox !== undefined) this.#run.enterSandbox();
    }
    const run = this.#run;
    this.#running++;
    this.#unended++;
    let state: 'running' | 'stopped' | 'ended' = 'running';
    const stop = (): void => {
      if (state !== 'running') return;
      state = 'stopped';
      if (--this.#running === 0 && !this.#isSettled) run.stop();
    };
    return {
      span: run.span,
      truncated: () => {
        if (!this.#isSettled) run.truncated();
      },
      stop,
      end: (result) => {
        stop();
        if (state === 'ended') return;
        state = 'ended';
        this.#unended--;
        this.#worst = worse(this.#worst, result);
        if (this.#isOver && this.#unended === 0) this.#settle(this.#worst);
      },
    };
  }

  /** Its host works on it, as far as anybody can tell: it is in flight, and may be refused yet. */
  takeOff(): void {
    if (this.#isInFlight || this.#isSettled || this.#run !== undefined) return;
    this.#isInFlight = true;
    this.#runtime.ledger.tables.execActive.add(0, 1);
  }

  /** It was turned away, or answered from an earlier one: none of it ever ran. */
  refuse(): void {
    this.#land();
    this.#isSettled = true;
  }

  /** Its response says how it ended. */
  said({ result, truncated }: { result: ExecResult; truncated: boolean }): void {
    if (this.#isSettled) return;
    if (truncated) this.#known().truncated();
    this.#settle(result);
  }

  /**
   * Its response is over and has not said how it ended: what was seen of it tells, as soon as
   * that has ended as well, or `otherwise`.
   */
  over(otherwise: { result: ExecResult; truncated: boolean }): void {
    if (this.#isSettled) return;
    if (otherwise.truncated) this.#known().truncated();
    this.#isOver = true;
    this.#worst = worse(this.#worst, otherwise.result);
    if (this.#unended === 0) this.#settle(this.#worst);
  }

  #settle(result: ExecResult): void {
    this.#known().end(result);
    this.#isSettled = true;
  }

  #known(): RunningExec {
    this.#land();
    const { startedAt: at } = this.#event;
    const begun = { at, timeMs: Date.now() - (this.#runtime.now() - at) };
    return (this.#run ??= this.#event.handle(() => new RunningExec(this.#runtime, { begun })));
  }

  #land(): void {
    if (!this.#isInFlight) return;
    this.#isInFlight = false;
    this.#runtime.ledger.tables.execActive.add(0, -1);
  }
}

function worse(one: ExecResult | undefined, other: ExecResult): ExecResult {
  if (one === undefined) return other;
  return BY_WEIGHT.indexOf(one) > BY_WEIGHT.indexOf(other) ? one : other;
}

/** Begins what a host has started: a part of its request's execution, or one of its own. */
export function beginExec(
  runtime: Runtime,
  { sandbox }: { readonly sandbox?: string } = {},
): ExecPart {
  const whole = currentServerRequest(runtime)?.execution;
  const options = sandbox === undefined ? {} : { sandbox };
  return whole?.isOpen === true ? whole.part(options) : new RunningExec(runtime, options);
}
