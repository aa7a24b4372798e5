import { Worker } from 'node:worker_threads';
import type { ExecResult } from 'agent-otel';
import { createOutput, type Stream } from './output.js';
import { compileQuickJS, type WasmModule } from './quickjs.js';

export interface Job {
  readonly code: string;
  /** The session's directory; the code can read files from it. */
  readonly directory: string;
  readonly memoryCapPages: number | null;
  readonly timeoutMs: number;
  /** Calls the execution off: its session ended or its client left. */
  readonly signal: AbortSignal;
}

export interface Outcome {
  readonly result: ExecResult;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** What the worker is started with. */
export interface WorkerJob extends Omit<Job, 'signal' | 'timeoutMs'> {
  readonly wasmModule: WasmModule;
  readonly maxOutput: number;
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'printed'; readonly stream: Stream; readonly text: string }
  | { readonly kind: 'done'; readonly result: ExecResult };

export interface Sandbox {
  hasRoom(): boolean;
  /** Runs code in a fresh VM; resolves when its worker has exited. */
  run(job: Job): Promise<Outcome>;
}

const WORKER = new URL('./sandbox-worker.js', import.meta.url);
const START_UP_LIMIT_MS = 10_000;

export function createSandbox(options: { maxConcurrent: number; maxOutput: number }): Sandbox {
  const { maxConcurrent, maxOutput } = options;
  const compiled = compileQuickJS();
  let running = 0;
  return {
    hasRoom: () => running < maxConcurrent,
    async run(job) {
      running++;
      try {
        return await runInWorker(job, { wasmModule: await compiled, maxOutput });
      } finally {
        running--;
      }
    },
  };
}

function runInWorker(
  job: Job,
  settings: Pick<WorkerJob, 'wasmModule' | 'maxOutput'>,
): Promise<Outcome> {
  const { signal, timeoutMs, ...rest } = job;
  const output = createOutput(settings.maxOutput);
  let result: ExecResult | undefined;

  const worker = new Worker(WORKER, {
    workerData: { ...rest, ...settings } satisfies WorkerJob,
    // Neither the preload nor any secret of the environment belongs in a sandbox, and what
    // the VM's own runtime prints does not belong on the server's streams.
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
  const stop = (how: ExecResult, reason?: string): void => {
    if (result !== undefined) return;
    result = how;
    if (reason !== undefined) output.write('stderr', `${reason}\n`);
    void worker.terminate();
  };
  let timer = setTimeout(stop, START_UP_LIMIT_MS, 'error', 'the sandbox did not start');
  worker.on('message', (message: WorkerMessage) => {
    switch (message.kind) {
      case 'ready':
        // The code's time starts here: a busy machine may take long to start a thread.
        clearTimeout(timer);
        timer = setTimeout(stop, timeoutMs, 'timeout');
        break;
      case 'printed':
        output.write(message.stream, message.text);
        break;
      case 'done':
        stop(message.result);
        break;
    }
  });
  worker.once('error', (error: unknown) => {
    stop('error', String(error));
  });
  const callOff = (): void => {
    stop('error', 'the execution was called off');
  };
  if (signal.aborted) callOff();
  signal.addEventListener('abort', callOff, { once: true });

  return new Promise((resolve) => {
    // Messages still under way are delivered before `exit`, so that no output is lost.
    worker.once('exit', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', callOff);
      resolve({ result: result ?? 'error', ...output.read() });
    });
  });
}
