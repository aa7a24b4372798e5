import type { Duplex } from 'node:stream';
import type { HeaderOf } from '../headers.js';
import { beforeCall } from '../patch.js';
import { Body } from './body.js';

/** What becomes of a request. After `onEnd` or `onFailure`, of which one comes, nothing is told. */
export interface EngineCallListener {
  /** Its status and its headers are there. */
  onAnswer(status: number, header: HeaderOf): void;
  /** The host gives it up while there is more to come. */
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

/** A call to an Engine, whichever client makes it, and how it ends: once. */
export class WatchedCall {
  readonly #listener: EngineCallListener;
  readonly #guarded: Guarded;
  readonly #sent = new Body();
  readonly #received = new Body();
  readonly #undo: (() => void)[] = [];
  #isOver = false;

  constructor(options: { listener: EngineCallListener; guarded: Guarded }) {
    this.#listener = options.listener;
    this.#guarded = options.guarded;
  }

  /** The host writes a part of the request's body. */
  wrote(chunk: unknown, encoding?: unknown): void {
    this.#sent.add(chunk, encoding);
  }

  /** What the host has sent so far, as JSON. */
  sent(): unknown {
    return this.#sent.json();
  }

  answered(status: number, header: HeaderOf): void {
    if (!this.#isOver) this.#listener.onAnswer(status, header);
  }

  received(chunk: unknown): void {
    if (!this.#isOver) this.#received.add(chunk);
  }

  /** The connection is the host's from now on, for what is executed to be read and written. */
  upgraded(stream: Duplex): void {
    this.watch(stream, 'destroy', () => {
      this.givenUp();
    });
    this.watch(stream, 'emit', ([event]) => {
      if (event === 'end') this.#end(undefined);
      else if (event === 'close') this.failed();
    });
  }

  givenUp(): void {
    if (!this.#isOver) this.#listener.onDestroy();
  }

  ended(): void {
    this.#end(this.#received.json());
  }

  failed(): void {
    if (this.#stop()) this.#listener.onFailure();
  }

  /** Tells of each call of a method until this is over. */
  watch(target: object, method: string, tell: (args: readonly unknown[]) => void): void {
    this.#undo.push(beforeCall(target, method, this.#guarded(tell)));
  }

  #end(json: unknown): void {
    if (this.#stop()) this.#listener.onEnd(json);
  }

  /** The last that was put on comes off first: some methods are watched twice. */
  #stop(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    for (const off of this.#undo.reverse()) off();
    return true;
  }
}
