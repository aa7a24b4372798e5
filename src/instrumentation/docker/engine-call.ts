import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { beforeCall } from '../patch.js';
import { Body } from './body.js';

/** What becomes of a request. After `onEnd` or `onFailure`, of which one comes, nothing is told. */
export interface EngineCallListener {
  /** Its status and its headers are there. */
  onAnswer(status: number, headers: IncomingHttpHeaders): void;
  /** The host destroys the connection while there is more to come. */
  onDestroy(): void;
  /** The answer is whole, the hijacked stream of an upgraded one included. */
  onEnd(json: unknown): void;
  /** There will be no whole answer. */
  onFailure(): void;
}

/** Turns what is told of a call's arguments into what cannot throw. */
export type Guarded = (
  tell: (args: readonly unknown[]) => void,
) => (args: readonly unknown[]) => void;

/**
 * Follows a request by the calls that Node makes on its objects: no listener is added, and
 * nothing is read that the host does not read.
 */
export class EngineCall {
  readonly #listener: EngineCallListener;
  readonly #guarded: Guarded;
  readonly #sent = new Body();
  readonly #undo: (() => void)[] = [];
  #isOver = false;

  constructor(request: ClientRequest, options: { listener: EngineCallListener; guarded: Guarded }) {
    this.#listener = options.listener;
    this.#guarded = options.guarded;
    this.#watchDestroy(request);
    this.#watch(request, 'emit', ([event, response, stream]) => {
      if (event === 'response') this.#followResponse(response as IncomingMessage);
      else if (event === 'upgrade') {
        this.#followUpgrade(response as IncomingMessage, stream as Duplex);
      } else if (event === 'error') this.#fail();
    });
  }

  /** The host writes a part of the request's body. */
  wrote(chunk: unknown, encoding: unknown): void {
    this.#sent.add(chunk, encoding);
  }

  /** What the host has sent so far, as JSON. */
  sent(): unknown {
    return this.#sent.json();
  }

  #followResponse(response: IncomingMessage): void {
    const body = new Body();
    this.#answer(response);
    this.#watchDestroy(response.socket);
    this.#watchDestroy(response);
    this.#watch(response, 'push', ([chunk]) => {
      if (chunk !== null) body.add(chunk);
      else if (response.complete) this.#end(body.json());
    });
    this.#watch(response, 'emit', ([event]) => {
      if (event === 'aborted' || event === 'close') this.#fail();
    });
  }

  #followUpgrade(response: IncomingMessage, stream: Duplex): void {
    this.#answer(response);
    this.#watchDestroy(stream);
    this.#watch(stream, 'emit', ([event]) => {
      if (event === 'end') this.#end(undefined);
      else if (event === 'close') this.#fail();
    });
  }

  #answer({ statusCode = 0, headers }: IncomingMessage): void {
    this.#listener.onAnswer(statusCode, headers);
  }

  #watchDestroy(target: Duplex | ClientRequest | IncomingMessage): void {
    this.#watch(target, 'destroy', () => {
      // Node destroys the response of a connection that is lost.
      const isLost = 'socket' in target && target.socket?.destroyed === true;
      if (!this.#isOver && !isLost) this.#listener.onDestroy();
    });
  }

  #watch(target: object, method: string, tell: (args: readonly unknown[]) => void): void {
    this.#undo.push(beforeCall(target, method, this.#guarded(tell)));
  }

  #end(json: unknown): void {
    if (this.#stop()) this.#listener.onEnd(json);
  }

  #fail(): void {
    if (this.#stop()) this.#listener.onFailure();
  }

  /** The last that was put on comes off first: some methods are watched twice. */
  #stop(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    for (const off of this.#undo.reverse()) off();
    return true;
  }
}
