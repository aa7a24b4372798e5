import { AsyncResource } from 'node:async_hooks';
import type { ContainerRule } from '../../config/rules.js';
import type { Runtime } from '../../events/runtime.js';
import { isInTimer } from '../timers.js';
import { isEngineAnswer, isEngineEndpoint, type Operation } from './engine-api.js';
import { Engine, type Meaning } from './engine.js';
import { WatchedCall, type Guarded } from './watched-call.js';

/** A request that may be one to an Engine, as its client sends it. */
export interface FollowedCall {
  readonly call: WatchedCall;
  /** Where it goes is known: the path of a socket, or a host with its port. */
  goesTo(endpoint: string): void;
}

/** The Engines that the host speaks to, by where they listen, whichever client asks. */
export class EngineCalls {
  readonly guarded: Guarded;
  readonly report: (error: unknown) => void;
  readonly #runtime: Runtime;
  readonly #rules: readonly ContainerRule[];
  readonly #engines = new Map<string, Engine>();

  constructor(runtime: Runtime, rules: readonly ContainerRule[]) {
    this.#runtime = runtime;
    this.#rules = rules;
    this.report = (error) => {
      runtime.reportOnce('docker', 'a request to a Docker Engine could not be followed', error);
    };
    this.guarded = (tell) => (args) => {
      try {
        tell(args);
      } catch (error) {
        this.report(error);
      }
    };
  }

  /** Follows a request from here on. To be called where the host makes it. */
  follow(operation: Operation): FollowedCall {
    // That it is one to an Engine may turn out later, and in another context.
    const caller = new AsyncResource('agent-otel.docker');
    const isByTimer = isInTimer();
    let endpoint = '';
    let meaning: Meaning | undefined;
    let status = 0;
    const begin = (): void => {
      meaning ??= caller.runInAsyncScope(() =>
        this.#engineAt(endpoint).begin(operation, { sent: () => call.sent(), isByTimer }),
      );
    };
    const call = new WatchedCall({
      guarded: this.guarded,
      listener: {
        onAnswer(answered, header) {
          status = answered;
          // Others may have such paths as well; only an Engine says so.
          if (isEngineAnswer(header)) begin();
          meaning?.onStatus?.(status);
        },
        onEnd: (json) => meaning?.onJson?.(status, json),
        onDestroy: () => meaning?.onDestroy?.(),
        onFailure: () => meaning?.onFailure?.(),
      },
    });
    return {
      call,
      goesTo: (where) => {
        endpoint = where;
        if (this.#engines.has(where) || isEngineEndpoint(where)) begin();
      },
    };
  }

  #engineAt(endpoint: string): Engine {
    const engine = this.#engines.get(endpoint) ?? new Engine(this.#runtime, this.#rules);
    this.#engines.set(endpoint, engine);
    return engine;
  }
}
