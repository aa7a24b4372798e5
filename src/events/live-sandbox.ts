import type { Runtime } from './runtime.js';
import { recordGone, SandboxStart, type Making, type SandboxOptions } from './sandbox-start.js';

/**
 * A sandbox as it can be told from outside: `warming` until it is up, then `running` while
 * something uses it and `warm` while nothing does, until it is gone.
 */
export class LiveSandbox {
  readonly id: string;
  readonly #runtime: Runtime;
  #start: SandboxStart | undefined;
  #users = 0;
  #gone = false;

  private constructor(runtime: Runtime, id: string) {
    this.#runtime = runtime;
    this.id = id;
  }

  /** One that is being made; its span is `start.span` until it is up. */
  static starting(
    runtime: Runtime,
    { making = 'start', ...options }: SandboxOptions & { readonly making?: Making },
  ): { readonly sandbox: LiveSandbox; readonly start: SandboxStart } {
    const sandbox = new LiveSandbox(runtime, options.id);
    const start = new SandboxStart(runtime, making, options);
    sandbox.#start = start;
    return { sandbox, start };
  }

  /** One that somebody else has made, and that is up. */
  static found(runtime: Runtime, id: string): LiveSandbox {
    const sandbox = new LiveSandbox(runtime, id);
    sandbox.#show();
    return sandbox;
  }

  /** It is up. A second time changes nothing. */
  ready(): void {
    if (this.#gone || this.#start === undefined) return;
    this.#start.succeeded();
    this.#start = undefined;
    this.#show();
  }

  /** Something uses it until the returned function is called. */
  occupy(): () => void {
    this.#users++;
    this.#show();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#users--;
      this.#show();
    };
  }

  /** It has gone; one that was not up yet has failed to start. */
  gone(how: 'reaped' | 'stopped'): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#start === undefined) recordGone(this.#runtime, how, this.id);
    else this.#start.failed();
  }

  #show(): void {
    if (this.#gone || this.#start !== undefined) return;
    this.#runtime.sandboxes.enter(this.id, this.#users > 0 ? 'running' : 'warm');
  }
}
