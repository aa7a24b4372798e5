import childProcess from 'node:child_process';
import type { ExecResult } from '../../catalog/vocabulary.js';
import { replaceMethod, type Method } from '../patch.js';
import { describeChild, invocationOf, isShell, shellInvocation } from './command.js';
import type { Executions } from './executions.js';
import { isTimeoutExit } from './lifetime.js';
import { withTraceVariables, type TraceVariables } from './trace-context.js';
import type { Invocation } from './verdict.js';

const FORMS = ['spawnSync', 'execFileSync', 'execSync'] as const;
type Form = (typeof FORMS)[number];

/** What `spawnSync` returns, and what the error of the other two carries. */
interface Outcome {
  readonly pid?: number;
  readonly status?: number | null;
  readonly code?: string;
  readonly error?: NodeJS.ErrnoException;
}

interface Options {
  readonly shell?: unknown;
  readonly env?: unknown;
}

/**
 * Follows the forms that wait. `execFileSync` and `execSync` do not call `spawnSync` through
 * the module, so that each call is seen once.
 */
export function instrumentSyncForms(executions: Executions): () => void {
  const follow =
    (form: Form) =>
    (original: Method): Method =>
      function (...args) {
        const started = executions.beginCall(() => describe(form, args));
        if (started === undefined) return Reflect.apply(original, this, args);
        const { exec, span, invocation, variables } = started;
        const end = (outcome: Outcome): void => {
          executions.guard(() => {
            const code = outcome.error?.code ?? outcome.code;
            describeChild(span, { file: programOf(form, args), pid: outcome.pid });
            if (code === 'ENOBUFS') exec.truncated();
            exec.end(resultOf(invocation, { status: outcome.status, code }));
          });
        };
        try {
          const result = Reflect.apply(original, this, withVariables(form, args, variables));
          end(form === 'spawnSync' ? (result as Outcome) : { status: 0 });
          return result;
        } catch (error) {
          end(error as Outcome);
          throw error;
        }
      };
  const undo = FORMS.map((form) => replaceMethod(childProcess, form, follow(form)));
  return () => {
    for (const off of undo) off();
  };
}

function resultOf(
  { command }: Invocation,
  { status = null, code }: { status: number | null | undefined; code: string | undefined },
): ExecResult {
  if (code === 'ETIMEDOUT' || isTimeoutExit(command, status)) return 'timeout';
  // EPIPE: it has not read all of its input, as it may.
  return status === 0 && (code === undefined || code === 'EPIPE') ? 'success' : 'error';
}

function describe(form: Form, args: readonly unknown[]): Invocation {
  const file = String(args[0]);
  if (form === 'execSync' || isShell(optionsOf(form, args).shell)) {
    return shellInvocation([file, ...argumentsOf(args)].join(' '));
  }
  return invocationOf({ file, args: [file, ...argumentsOf(args)] });
}

/** The program itself: what a shell is given to read is nobody's to record. */
function programOf(form: Form, args: readonly unknown[]): string {
  const { shell } = optionsOf(form, args);
  if (typeof shell === 'string' && shell !== '') return shell;
  return form === 'execSync' || isShell(shell) ? 'sh' : String(args[0]);
}

function argumentsOf([, second]: readonly unknown[]): readonly unknown[] {
  return Array.isArray(second) ? second : [];
}

/** `(file[, args][, options])`, and `execSync(command[, options])`. */
function optionsIndex(form: Form, args: readonly unknown[]): number {
  return form === 'execSync' || args.length < 2 || isOptions(args[1]) ? 1 : 2;
}

function optionsOf(form: Form, args: readonly unknown[]): Options {
  const options = args[optionsIndex(form, args)];
  return isOptions(options) ? options : {};
}

function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same arguments with a trace context in a copy of the options; what Node refuses, as it is. */
function withVariables(
  form: Form,
  args: readonly unknown[],
  variables: TraceVariables,
): readonly unknown[] {
  const at = optionsIndex(form, args);
  if (args[at] !== undefined && !isOptions(args[at])) return args;
  const options = optionsOf(form, args);
  const environment = options.env ?? process.env;
  if (!isOptions(environment)) return args;
  const copy = [...args];
  copy[at] = {
    ...options,
    env: withTraceVariables(environment as Readonly<Record<string, unknown>>, variables),
  };
  return copy;
}
