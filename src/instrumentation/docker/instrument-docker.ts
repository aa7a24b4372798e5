import { ClientRequest } from 'node:http';
import type { ContainerRule } from '../../config/rules.js';
import type { Runtime } from '../../events/runtime.js';
import { replaceMethod, type Method } from '../patch.js';
import { isEngineAnswer, isEngineEndpoint, operationOf, type Operation } from './engine-api.js';
import { EngineCall, type Guarded } from './engine-call.js';
import { Engine, type Meaning } from './engine.js';

/** What the instrumentation of the Docker Engine API is given. */
export interface DockerOptions {
  readonly runtime: Runtime;
  /** The first that matches decides. Without one, a container is a sandbox. */
  readonly rules: readonly ContainerRule[];
}

/**
 * Follows what the host asks of Docker Engines over `node:http`, whichever client asks:
 * containers as sandboxes, and what is executed in them. Returns the undo.
 */
export function instrumentDocker({ runtime, rules }: DockerOptions): () => void {
  const engines = new Map<string, Engine>();
  const calls = new WeakMap<ClientRequest, EngineCall>();
  let isStopped = false;

  const guarded: Guarded = (tell) => (args) => {
    try {
      tell(args);
    } catch (error) {
      runtime.reportOnce('docker', 'a request to a Docker Engine could not be followed', error);
    }
  };

  const engineAt = (endpoint: string): Engine => {
    const engine = engines.get(endpoint) ?? new Engine(runtime, rules);
    engines.set(endpoint, engine);
    return engine;
  };

  const follow = (request: ClientRequest, operation: Operation): EngineCall => {
    const endpoint = endpointOf(request);
    const isKnown = engines.has(endpoint) || isEngineEndpoint(endpoint);
    const begin = (): Meaning => engineAt(endpoint).begin(operation, () => call.sent());
    let meaning = isKnown ? begin() : undefined;
    let status = 0;
    const call = new EngineCall(request, {
      guarded,
      listener: {
        onAnswer(answered, headers) {
          status = answered;
          // Others may have such paths as well; only an Engine says so.
          if (isEngineAnswer(headers)) meaning ??= begin();
          meaning?.onStatus?.(status);
        },
        onEnd: (json) => meaning?.onJson?.(status, json),
        onDestroy: () => meaning?.onDestroy?.(),
        onFailure: () => meaning?.onFailure?.(),
      },
    });
    return call;
  };

  const onWrite = guarded(([request, chunk, encoding]) => {
    if (isStopped) return;
    const target = request as ClientRequest;
    let call = calls.get(target);
    if (call === undefined) {
      const operation = operationOf(target.method, target.path);
      if (operation === undefined) return;
      call = follow(target, operation);
      calls.set(target, call);
    }
    call.wrote(chunk, encoding);
  });

  const followed = (original: Method): Method =>
    function (...args) {
      onWrite([this, ...args]);
      return Reflect.apply(original, this, args);
    };
  const undo = ['write', 'end'].map((name) =>
    replaceMethod(ClientRequest.prototype, name, followed),
  );
  return () => {
    isStopped = true;
    for (const off of undo) off();
  };
}

/** Where a request goes: the path of a socket, or a host with its port. */
function endpointOf(request: ClientRequest): string {
  const { socketPath } = request as { socketPath?: unknown };
  return typeof socketPath === 'string' ? socketPath : String(request.getHeader('host'));
}
