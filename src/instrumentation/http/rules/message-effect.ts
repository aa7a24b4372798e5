import { isTimed, TimedMessage, type Message } from '../../../events/message.js';
import type { Runtime } from '../../../events/runtime.js';
import type { ResponseBody } from '../body/response-body.js';
import {
  isSuccess,
  type ResponseHead,
  type RouteEffect,
  type RuledRequest,
} from './route-effect.js';

/**
 * Times a message of a session where messages are timed when it arrives. One that is refused
 * has no timing line. Its look-up is seen from outside to be over when its headers are sent.
 */
export class MessageEffect implements RouteEffect {
  /** Whether what is written will be looked at. */
  readonly isTimed = isTimed();
  readonly #runtime: Runtime;
  readonly #request: RuledRequest;
  readonly #readSessionId: () => string | undefined;
  readonly #readSandbox: (sessionId: string) => string | undefined;
  #message: Message | undefined;

  constructor(
    runtime: Runtime,
    options: {
      request: RuledRequest;
      /** Reads the id of its session: it may stand in the body, which comes later. */
      sessionId: () => string | undefined;
      /** Reads the id of the session's sandbox, as far as it is known. */
      sandbox: (sessionId: string) => string | undefined;
    },
  ) {
    this.#runtime = runtime;
    this.#request = options.request;
    this.#readSessionId = options.sessionId;
    this.#readSandbox = options.sandbox;
  }

  answered({ status }: ResponseHead, body: ResponseBody | undefined): void {
    if (!this.isTimed || !isSuccess(status) || this.#runtime.reportedByHost.has('message')) return;
    const sessionId = this.#readSessionId();
    if (sessionId === undefined) return;
    const message = new TimedMessage(this.#runtime, sessionId, this.#request.event);
    message.located({ sandbox: this.#readSandbox(sessionId) ?? '' });
    this.#message = message;
    body?.events((name) => {
      message.eventSent(name);
    });
  }

  ended(): void {
    this.#message?.end();
  }
}
