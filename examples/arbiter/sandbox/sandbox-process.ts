import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Reply } from './protocol.js';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const START_TIMEOUT_MS = 10_000;
const PING_TIMEOUT_MS = 1_000;
/** The child ends an execution itself; this is how long it may take to say so. */
const GRACE_MS = 500;

/** One sandbox process. Whoever uses it gives it one order at a time. */
export class SandboxProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts one and waits until it is ready; `onExit` is called when it ends, however it ends. */
  static async start(onExit: (ended: SandboxProcess) => void): Promise<SandboxProcess> {
    const child = fork(CHILD, {
      // Nothing of the server's own is inherited: no preload, no variables, no streams.
      execArgv: ['--max-old-space-size=64'],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const started = new SandboxProcess(child);
    // Without a listener, an order to a process that has just ended would throw.
    child.on('error', () => undefined);
    child.once('exit', () => {
      onExit(started);
    });
    if ((await started.#reply(START_TIMEOUT_MS)) === 'nothing') {
      started.kill();
      throw new Error('the sandbox did not start');
    }
    return started;
  }

  async answers(): Promise<boolean> {
    return (await this.#ask({ kind: 'ping' }, PING_TIMEOUT_MS)) !== 'nothing';
  }

  /** Evaluates the source; `nothing` when no answer came within the limit and some grace. */
  evaluate(source: string, timeoutMs: number): Promise<Reply | 'nothing'> {
    return this.#ask({ kind: 'evaluate', source, timeoutMs }, timeoutMs + GRACE_MS);
  }

  hang(): Promise<Reply | 'nothing'> {
    return this.#ask({ kind: 'hang' }, PING_TIMEOUT_MS);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #ask(order: Order, withinMs: number): Promise<Reply | 'nothing'> {
    if (!this.#child.connected) return Promise.resolve('nothing');
    const reply = this.#reply(withinMs);
    this.#child.send(order, () => undefined);
    return reply;
  }

  #reply(withinMs: number): Promise<Reply | 'nothing'> {
    const child = this.#child;
    return new Promise((resolve) => {
      const settle = (reply: Reply | 'nothing'): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit);
        resolve(reply);
      };
      const onMessage = (message: unknown): void => {
        settle(message as Reply);
      };
      const onExit = (): void => {
        settle('nothing');
      };
      const timer = setTimeout(onExit, withinMs);
      child.once('message', onMessage).once('exit', onExit);
    });
  }
}
