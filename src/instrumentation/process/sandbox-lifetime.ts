import type { LiveSandbox } from '../../events/live-sandbox.js';
import { sessionOf } from '../../events/context.js';
import { sessionPaused } from '../../events/session-steps.js';
import {
  currentServerRequest,
  isHandlingRequest,
  type ServerRequest,
} from '../../events/server-request.js';
import type { Executions, StartedSandbox } from './executions.js';
import type { Lifetime } from './lifetime.js';
import { MessageExecutions } from './message-executions.js';
import type { Verdict } from './verdict.js';

/** A sandbox, from its start until it is gone. */
export class SandboxLifetime implements Lifetime {
  readonly #executions: Executions;
  readonly #sandbox: LiveSandbox;
  readonly #verdict: Verdict;
  readonly #messages: MessageExecutions | undefined;
  readonly #requests = new Set<ServerRequest>();
  /** Whether it has not answered what it was last told. */
  #owes = false;
  #ending: 'by its host' | 'as idle' | 'to be replaced' | undefined;
  #forget: () => void = () => undefined;

  constructor(executions: Executions, { sandbox, verdict }: StartedSandbox) {
    this.#executions = executions;
    this.#sandbox = sandbox;
    this.#verdict = verdict;
    this.#messages =
      verdict.messages &&
      new MessageExecutions(executions.runtime, { plan: verdict.messages, sandbox: sandbox.id });
  }

  /** It has shown that it is up: its thread runs, or it said something. */
  showedLife(): void {
    this.#owes = false;
    this.#sandbox.ready();
  }

  answered(message: unknown): void {
    this.showedLife();
    this.#messages?.received(message);
  }

  /** The host has sent it a message. */
  sent(message: unknown): void {
    this.#owes = true;
    this.addressed();
    this.#messages?.sent(message);
  }

  /**
   * The host gives it something to do. It is taken to work for a request that gave it
   * something to do until that is answered.
   */
  addressed(): void {
    const request = currentServerRequest(this.#executions.runtime);
    if (request === undefined || request.isOver || this.#requests.has(request)) return;
    this.#requests.add(request);
    const release = this.#sandbox.occupy();
    request.onEnd(() => {
      this.#requests.delete(request);
      release();
    });
  }

  /** Whoever ends it while no request asks for that is the idle reaper, or rebuilds it. */
  stopping(): void {
    if (this.#ending !== undefined) return;
    this.#ending = isHandlingRequest(this.#executions.runtime) ? 'by its host' : 'as idle';
    if (!this.#owes) return;
    this.#forget = this.#executions.replacements.miss(this.#verdict, () => {
      this.#ending = 'to be replaced';
    });
  }

  ended(): void {
    this.#forget();
    this.#messages?.gone({ byHost: this.#ending !== undefined });
    if (this.#ending === undefined && this.#verdict.per === 'session') this.#leaveSessions();
    this.#sandbox.gone(this.#ending === 'as idle' ? 'reaped' : 'stopped');
  }

  /** It has died at work: the sessions that it worked for have none any more. */
  #leaveSessions(): void {
    const { runtime } = this.#executions;
    for (const request of this.#requests) {
      const session = sessionOf(request.context);
      if (session === undefined || runtime.reportedByHost.has('session')) continue;
      if (sessionPaused(runtime, session)) runtime.sessions.learn(session, { sandbox: null });
    }
  }
}
