import type { ContainerRule } from '../../config/rules.js';
import { beginExec } from '../../events/request-exec.js';
import type { Runtime } from '../../events/runtime.js';
import { currentServerRequest, isHandlingRequest } from '../../events/server-request.js';
import { ContainerExec } from './container-exec.js';
import { Containers, type Container } from './containers.js';
import { partOf, type Operation } from './engine-api.js';

/** What a request of the host means for the containers. */
export interface Meaning {
  /** The Engine has accepted the request, or refused it. */
  onStatus?(status: number): void;
  /** It has answered, with this JSON if it was any. */
  onJson?(status: number, json: unknown): void;
  /** The host gives the answer up. */
  onDestroy?(): void;
  /** There was no whole answer. */
  onFailure?(): void;
}

/** What is known of a request before it is answered. */
export interface EngineRequest {
  /** Gives its body once it is written. */
  readonly sent: () => unknown;
  /** Whether a timer makes it. */
  readonly isByTimer: boolean;
}

/** Executions that are remembered for the host to start, or to ask about. */
const MAX_EXECS = 10_000;

/** One Docker Engine, as the requests of the host and their answers show it. */
export class Engine {
  readonly #runtime: Runtime;
  readonly #containers: Containers;
  readonly #execs = new Map<string, ContainerExec>();

  constructor(runtime: Runtime, rules: readonly ContainerRule[]) {
    this.#runtime = runtime;
    this.#containers = new Containers(runtime, rules);
  }

  /** Begins what a request asks for. */
  begin(operation: Operation, { sent, isByTimer }: EngineRequest): Meaning {
    switch (operation.kind) {
      case 'create':
        return this.#create(operation.name, sent);
      case 'start':
        return this.#start(this.#containers.know(operation.container));
      case 'stop':
        return this.#stop(operation.container, { isByTimer, isRemoved: false });
      case 'remove':
        return this.#stop(operation.container, { isByTimer, isRemoved: true });
      case 'wait':
        return this.#wait(operation.container);
      case 'inspect':
        return this.#inspect(operation.container);
      case 'createExec':
        return this.#createExec(operation.container, sent);
      case 'startExec':
        return this.#startExec(operation.exec, sent);
      case 'inspectExec':
        return this.#inspectExec(operation.exec);
    }
  }

  #create(name: string | undefined, sent: () => unknown): Meaning {
    return {
      onJson: (status, json) => {
        const id = partOf(json, 'Id');
        if (status !== 201 || typeof id !== 'string') return;
        const image = partOf(sent(), 'Image');
        this.#containers.add({
          id,
          name,
          image: typeof image === 'string' ? image : undefined,
          labels: labelsIn(sent()),
        });
      },
    };
  }

  #start(container: Container): Meaning {
    const start = this.#containers.starting(container);
    const fail = (): void => {
      if (start !== undefined) this.#containers.gone(container, { isReaped: false });
    };
    return {
      onStatus: (status) => {
        if (status === 204) this.#containers.started(container);
        else if (status === 304) {
          // It runs already: nothing was started.
          fail();
          this.#containers.found(container);
        } else fail();
      },
      onFailure: fail,
    };
  }

  #stop(
    ref: string,
    { isByTimer, isRemoved }: { isByTimer: boolean; isRemoved: boolean },
  ): Meaning {
    const isReaped = !isHandlingRequest(this.#runtime);
    const request = currentServerRequest(this.#runtime);
    const stopping = this.#containers.find(ref);
    for (const exec of this.#execs.values()) {
      if (exec.container === stopping) exec.containerStopping(request, isByTimer);
    }
    return {
      onStatus: (status) => {
        const container = this.#containers.find(ref);
        if (container === undefined) return;
        // 304: it was stopped already. 404: there is none.
        if (status < 400 || status === 404) {
          this.#containers.gone(container, { isReaped: isReaped && status < 300 });
          if (isRemoved) this.#containers.removed(container);
        }
      },
    };
  }

  #wait(ref: string): Meaning {
    return {
      onJson: (status, json) => {
        if (status === 200 && partOf(json, 'StatusCode') !== undefined) this.#lose(ref);
      },
    };
  }

  #inspect(ref: string): Meaning {
    const probe = this.#probe(ref);
    return {
      ...probe,
      onJson: (_, json) => {
        const container = this.#containers.find(ref);
        const state = partOf(json, 'State');
        if (container === undefined || state === undefined) return;
        const isEnded = partOf(state, 'Running') === false;
        const isUnwell = partOf(partOf(state, 'Health'), 'Status') === 'unhealthy';
        if (isUnwell || (isEnded && partOf(state, 'ExitCode') !== 0)) probe.onFailure();
        if (isEnded) this.#containers.gone(container, { isReaped: false });
      },
    };
  }

  #createExec(ref: string, sent: () => unknown): Meaning {
    return {
      ...this.#probe(ref),
      onJson: (status, json) => {
        const id = partOf(json, 'Id');
        if (status !== 201 || typeof id !== 'string') return;
        const container = this.#containers.know(ref);
        this.#containers.found(container);
        const command = partOf(sent(), 'Cmd');
        const program = Array.isArray(command) ? String(command[0]) : '';
        this.#execs.set(
          id,
          new ContainerExec({ containers: this.#containers, container, program }),
        );
        this.#forgetOldExecs();
      },
    };
  }

  #startExec(id: string, sent: () => unknown): Meaning {
    const exec = this.#execs.get(id);
    if (exec === undefined) return {};
    const request = currentServerRequest(this.#runtime);
    exec.dispatched(
      exec.container.isSandbox && request !== undefined && !this.#runtime.reportedByHost.has('exec')
        ? beginExec(this.#runtime, { sandbox: exec.container.id })
        : undefined,
      request,
    );
    return {
      onStatus: (status) => {
        if (status >= 400) exec.failed();
        if (partOf(sent(), 'Detach') !== true) return;
        exec.detached();
        request?.onEnd(() => {
          exec.leftBehind();
        });
      },
      onJson: () => {
        exec.streamEnded();
      },
      onDestroy: () => {
        exec.givenUp(currentServerRequest(this.#runtime));
      },
      onFailure: () => {
        exec.failed();
      },
    };
  }

  #inspectExec(id: string): Meaning {
    const exec = this.#execs.get(id);
    if (exec === undefined) return {};
    exec.asked();
    const isUnknown = (): void => {
      exec.awaitExitCode();
    };
    return {
      onJson: (_, json) => {
        const code = partOf(json, 'ExitCode');
        if (partOf(json, 'Running') === false && typeof code === 'number') {
          exec.exited(code);
          this.#execs.delete(id);
        } else isUnknown();
      },
      onFailure: isUnknown,
    };
  }

  /** What is asked of a container shows whether it is there, and whether it answers. */
  #probe(ref: string): Meaning & { onFailure(): void } {
    const fail = (): void => {
      const container = this.#containers.find(ref);
      if (container !== undefined) this.#containers.suspect(container);
    };
    return {
      onStatus: (status) => {
        if (status >= 400) fail();
        // 404: it does not exist; 409: it does not run.
        if (status === 404 || status === 409) this.#lose(ref);
      },
      onFailure: fail,
    };
  }

  /** It has ended by itself. */
  #lose(ref: string): void {
    const container = this.#containers.find(ref);
    if (container !== undefined) this.#containers.gone(container, { isReaped: false });
  }

  #forgetOldExecs(): void {
    for (const [id, exec] of this.#execs) {
      if (this.#execs.size <= MAX_EXECS) break;
      if (!exec.isRunning) this.#execs.delete(id);
    }
  }
}

function labelsIn(json: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(partOf(json, 'Labels') ?? {}).map(([key, value]) => [key, String(value)]),
  );
}
