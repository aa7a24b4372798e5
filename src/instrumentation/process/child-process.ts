import childProcess, { type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { replaceMethod, type Method } from '../patch.js';
import { followChild, followProcessKill, type Followed } from './child-lifetime.js';
import { describeChild, invocationOf } from './command.js';
import type { Executions } from './executions.js';
import { lifetimeOf } from './lifetime-of.js';
import { withTracePairs, type TraceVariables } from './trace-context.js';

/** What Node makes of the arguments of `spawn`, and hands to `ChildProcess.prototype.spawn`. */
interface SpawnOptions {
  readonly file: string;
  readonly args?: readonly string[];
  readonly envPairs?: readonly string[];
  readonly shell?: unknown;
  readonly signal?: AbortSignal;
  /** The `timeout` of execa 9, which keeps it itself and sends its signal after an `await`. */
  readonly timeoutDuration?: number;
}

/** A call of `execFile` that is being made. */
interface ExecFileCall {
  /** Set by the child that it starts, when that is followed. */
  onCallback?: (error: unknown) => void;
}

/**
 * Follows `exec`, `execFile`, `spawn` and `fork`. All of them come down to
 * `ChildProcess.prototype.spawn`, which sees each child once. `exec` calls `execFile`, and
 * calls it through the module: that is where output is cut, and its callback is the end.
 */
export function instrumentAsyncForms(executions: Executions): () => void {
  const followed: Followed = new Map();
  let call: ExecFileCall | undefined;

  const spawn = (original: Method): Method =>
    function (...args) {
      const options = args[0] as SpawnOptions;
      const started = executions.begin(() => invocationOf(options));
      if (started === undefined) return Reflect.apply(original, this, args);
      const child = this as ChildProcess;
      const lifetime = lifetimeOf(executions, started, {
        command: started.invocation.command,
        signal: options.signal,
        timeoutMs: options.timeoutDuration,
      });
      let result: unknown;
      try {
        result = Reflect.apply(original, child, [withTraceContext(options, started.variables)]);
      } catch (error) {
        lifetime.ended(null);
        throw error;
      }
      executions.guard(() => {
        describeChild(started.span, { file: options.file, pid: child.pid });
        const endsAtExit = call === undefined || !('exec' in started);
        const stop = followChild(child, { executions, lifetime, followed, endsAtExit });
        if (call === undefined || endsAtExit) return;
        call.onCallback = (error) => {
          stop();
          if (isCut(error)) started.exec.truncated();
          // A child may have exited well by the time that its output proves too long.
          const { exitCode } = child;
          lifetime.ended(error === null ? 0 : exitCode === 0 ? null : exitCode);
        };
      });
      return result;
    };

  const execFile = (original: Method): Method => {
    const followedForm: Method = function (...args) {
      if (!executions.mayCount()) return Reflect.apply(original, this, args);
      const outer = call;
      const own: ExecFileCall = {};
      call = own;
      try {
        return Reflect.apply(
          original,
          this,
          withCallback(args, (error) => {
            executions.guard(() => own.onCallback?.(error));
          }),
        );
      } finally {
        call = outer;
      }
    };
    return withPromisedForm(followedForm, original);
  };

  const undo = [
    replaceMethod(childProcess.ChildProcess.prototype, 'spawn', spawn),
    replaceMethod(childProcess, 'execFile', execFile),
    followProcessKill(followed, executions),
  ];
  return () => {
    for (const off of undo) off();
  };
}

/** Node's own options have no prototype, so that nobody's `Object.prototype` adds to them. */
function withTraceContext(options: SpawnOptions, variables: TraceVariables): SpawnOptions {
  const { envPairs } = options;
  if (!Array.isArray(envPairs)) return options;
  const pairs = withTracePairs(envPairs as readonly string[], variables);
  return Object.assign(Object.create(null) as object, options, { envPairs: pairs });
}

/** `execFile(file[, args][, options][, callback])`, told of its end before its callback is. */
function withCallback(args: readonly unknown[], onDone: (error: unknown) => void): unknown[] {
  const [, second, third] = args;
  const hasOptionsSecond = typeof second === 'object' && second !== null && !Array.isArray(second);
  const at =
    typeof second === 'function' ? 1 : typeof third === 'function' || hasOptionsSecond ? 2 : 3;
  const callback = args[at];
  // Node refuses what is no function.
  if (callback != null && typeof callback !== 'function') return [...args];
  const copy = [...args];
  copy[at] = function (this: unknown, ...outcome: unknown[]): unknown {
    onDone(outcome[0]);
    return callback == null ? undefined : Reflect.apply(callback as Method, this, outcome);
  };
  return copy;
}

type PromisedForm = (...args: unknown[]) => Promise<object>;

/** What `util.promisify` makes of it: as Node has it, with the child on the promise. */
function withPromisedForm(execFile: Method, original: Method): Method {
  const descriptor = Object.getOwnPropertyDescriptor(original, promisify.custom);
  if (descriptor === undefined) return execFile;
  const promised: PromisedForm = function (...args) {
    let settle: (error: Error | null, output: object) => void = () => undefined;
    const promise = new Promise<object>((resolve, reject) => {
      settle = (error, output) => {
        if (error === null) resolve(output);
        else reject(Object.assign(error, output));
      };
    });
    const callback = (error: Error | null, stdout: unknown, stderr: unknown): void => {
      settle(error, { stdout, stderr });
    };
    return Object.assign(promise, { child: execFile(...args, callback) });
  };
  const { name } = descriptor.value as PromisedForm;
  Object.defineProperty(promised, 'name', { configurable: true, value: name });
  Object.defineProperty(execFile, promisify.custom, { ...descriptor, value: promised });
  return execFile;
}

function isCut(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
}
