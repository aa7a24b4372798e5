import { fileURLToPath } from 'node:url';
import workerThreads, { type Worker, type WorkerOptions } from 'node:worker_threads';
import { beforeCall } from '../patch.js';
import type { Executions } from './executions.js';
import type { Lifetime } from './lifetime.js';
import { lifetimeOf } from './lifetime-of.js';
import { SandboxLifetime } from './sandbox-lifetime.js';
import type { Invocation } from './verdict.js';

/**
 * Follows worker threads. The class in the module becomes a proxy of itself, so that it can
 * be extended and `instanceof` says what it said.
 */
export function instrumentWorkers(executions: Executions): () => void {
  const { Worker: original } = workerThreads;
  const followed = new Proxy(original, {
    construct(target, args, newTarget) {
      const started = executions.begin(() => describe(args));
      const construct = (): Worker => Reflect.construct(target, args, newTarget) as Worker;
      if (started === undefined) return construct();
      const { command } = started.invocation;
      const lifetime = lifetimeOf(executions, started, { command });
      try {
        const worker = construct();
        executions.guard(() => {
          followWorker(worker, { executions, lifetime });
        });
        return worker;
      } catch (error) {
        lifetime.ended(null);
        throw error;
      }
    },
  });
  const replaceBy = (value: typeof Worker): void => {
    workerThreads.Worker = value;
    original.prototype.constructor = value;
  };
  replaceBy(followed);
  return () => {
    if (workerThreads.Worker === followed) replaceBy(original);
  };
}

function followWorker(
  worker: Worker,
  { executions, lifetime }: { executions: Executions; lifetime: Lifetime },
): void {
  const isSandbox = lifetime instanceof SandboxLifetime;
  const onEmit = executions.guarded(([event, what]) => {
    if (event === 'message') lifetime.answered(what);
    if (event === 'online' && isSandbox) lifetime.showedLife();
    if (event !== 'exit') return;
    for (const off of undo) off();
    lifetime.ended(what as number);
  });
  const onTerminate = executions.guarded(() => {
    lifetime.stopping();
  });
  const onPostMessage = executions.guarded(([message]) => {
    if (isSandbox) lifetime.sent(message);
  });
  const undo = [
    beforeCall(worker, 'emit', onEmit),
    beforeCall(worker, 'terminate', onTerminate),
    beforeCall(worker, 'postMessage', onPostMessage),
  ];
}

/** A worker is known by its file; code that is passed as text has none, and stays unread. */
function describe([file, options]: readonly unknown[]): Invocation {
  const { eval: isCode, argv = [] } = (options ?? {}) as WorkerOptions;
  return {
    kind: 'worker',
    command: isCode === true ? '' : pathOf(file),
    args: argv.map(String).join(' '),
  };
}

function pathOf(file: unknown): string {
  if (!(file instanceof URL)) return String(file);
  return file.protocol === 'file:' ? fileURLToPath(file) : file.protocol;
}
