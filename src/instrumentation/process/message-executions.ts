import { beginExec } from '../../events/request-exec.js';
import type { Runtime } from '../../events/runtime.js';
import {
  currentServerRequest,
  isHandlingRequest,
  type ExecPart,
  type ServerRequest,
} from '../../events/server-request.js';
import type { MessagePlan } from './message-plan.js';

interface Running {
  readonly exec: ExecPart;
  readonly request: ServerRequest | undefined;
}

/**
 * What a sandbox executes, by the messages between its host and it: one execution for each
 * message that begins one while a request is handled, until a message comes back that says how
 * it ended. Where several are under way, the oldest is answered first.
 */
export class MessageExecutions {
  readonly #runtime: Runtime;
  readonly #plan: MessagePlan;
  readonly #sandbox: string;
  readonly #running: Running[] = [];

  constructor(runtime: Runtime, { plan, sandbox }: { plan: MessagePlan; sandbox: string }) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#sandbox = sandbox;
  }

  sent(message: unknown): void {
    if (!isHandlingRequest(this.#runtime) || !this.#plan.begins(message)) return;
    if (this.#runtime.reportedByHost.has('exec')) return;
    this.#running.push({
      exec: beginExec(this.#runtime, { sandbox: this.#sandbox }),
      request: currentServerRequest(this.#runtime),
    });
  }

  received(message: unknown): void {
    const [oldest] = this.#running;
    const result = oldest && this.#plan.result(message);
    if (oldest === undefined || result === undefined) return;
    this.#running.shift();
    if (this.#plan.truncated(message)) oldest.exec.truncated();
    oldest.exec.end(result);
  }

  /**
   * The sandbox is gone. A host that ends one which owes it an answer has waited long enough,
   * unless its client has left.
   */
  gone({ byHost }: { byHost: boolean }): void {
    for (const { exec, request } of this.#running.splice(0)) {
      exec.end(byHost && request?.isAborted !== true ? 'timeout' : 'error');
    }
  }
}
