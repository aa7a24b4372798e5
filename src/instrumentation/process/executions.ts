import type { Span } from '@opentelemetry/api';
import type { ProcessRule } from '../../config/rules.js';
import { LiveSandbox } from '../../events/live-sandbox.js';
import { beginExec } from '../../events/request-exec.js';
import type { Runtime } from '../../events/runtime.js';
import { currentServerRequest, type ExecPart } from '../../events/server-request.js';
import { Replacements } from './replacements.js';
import { createJudge, type Invocation, type Verdict } from './verdict.js';
import { traceVariables, type TraceVariables } from './trace-context.js';

/** What the instrumentation of child processes, worker threads and WASI is given. */
export interface ProcessOptions {
  readonly runtime: Runtime;
  /** The first that matches decides. Without one, what a request starts is an execution. */
  readonly rules: readonly ProcessRule[];
  /** Whether child processes get the trace context in their environment. */
  readonly traceContext: boolean;
}

interface Started {
  readonly invocation: Invocation;
  readonly verdict: Verdict;
  readonly span: Span;
  /** What goes into its environment, if it has one. */
  readonly variables: TraceVariables;
}

/** Something that a host has started and that counts as one execution. */
export interface StartedExec extends Started {
  readonly exec: ExecPart;
}

/** Something that a host has started and that lives on, as a sandbox. */
export interface StartedSandbox extends Started {
  readonly sandbox: LiveSandbox;
}

/** Decides what counts, and begins it. Nothing here throws into the host. */
export class Executions {
  readonly runtime: Runtime;
  readonly replacements: Replacements;
  readonly #judge: (invocation: Invocation) => Verdict | undefined;
  readonly #hasRules: boolean;
  readonly #traceContext: boolean;
  #sandboxes = 0;
  #isStopped = false;

  constructor({ runtime, rules, traceContext }: ProcessOptions) {
    this.runtime = runtime;
    this.replacements = new Replacements(runtime);
    this.#judge = createJudge(rules);
    this.#hasRules = rules.length > 0;
    this.#traceContext = traceContext;
  }

  /** Whether anything that is started now could count. */
  mayCount(): boolean {
    return !this.#isStopped && (this.#hasRules || this.#isInRequest());
  }

  /** Begins what is about to be started; undefined when it does not count. */
  begin(describe: () => Invocation): StartedExec | StartedSandbox | undefined {
    return this.guard(() => {
      const started = this.#decide(describe);
      if (started === undefined) return undefined;
      return started.verdict.as === 'sandbox'
        ? this.#beginSandbox(started)
        : this.#beginExec(started);
    });
  }

  /** The same for what is over when the call that starts it is: that is never a sandbox. */
  beginCall(describe: () => Invocation): StartedExec | undefined {
    return this.guard(() => {
      const started = this.#decide(describe);
      return started && this.#beginExec(started);
    });
  }

  /** Runs what watches the host; what goes wrong in it is reported. */
  guard<T>(watch: () => T): T | undefined {
    try {
      return watch();
    } catch (error) {
      this.runtime.reportOnce('process', 'an execution could not be followed', error);
      return undefined;
    }
  }

  /** The same for what is told of a call's arguments. */
  guarded(tell: (args: readonly unknown[]) => void): (args: readonly unknown[]) => void {
    return (args) => {
      this.guard(() => {
        tell(args);
      });
    };
  }

  /** Nothing new is followed from now on; what runs is followed to its end. */
  stop(): void {
    this.#isStopped = true;
  }

  #isInRequest(): boolean {
    return currentServerRequest(this.runtime) !== undefined;
  }

  #decide(describe: () => Invocation): Decided | undefined {
    if (!this.mayCount()) return undefined;
    const invocation = describe();
    const verdict = this.#judge(invocation) ?? { as: this.#isInRequest() ? 'exec' : 'ignore' };
    return verdict.as === 'ignore' ? undefined : { invocation, verdict };
  }

  #beginExec({ invocation, verdict }: Decided): StartedExec | undefined {
    if (this.runtime.reportedByHost.has('exec')) return undefined;
    const exec = beginExec(this.runtime);
    const { span } = exec;
    return { invocation, verdict, exec, span, variables: this.#variablesOf(span, verdict) };
  }

  #beginSandbox({ invocation, verdict }: Decided): StartedSandbox | undefined {
    if (this.runtime.reportedByHost.has('sandbox')) return undefined;
    const { sandbox, start } = LiveSandbox.starting(this.runtime, {
      // A process id is known too late, and comes again.
      id: `${invocation.kind}-${++this.#sandboxes}`,
      tenant: currentServerRequest(this.runtime)?.tenant,
      making: this.replacements.replaces(verdict) ? 'rebuild' : 'start',
    });
    const { span } = start;
    return { invocation, verdict, sandbox, span, variables: this.#variablesOf(span, verdict) };
  }

  #variablesOf(span: Span, { untrusted }: Verdict): TraceVariables {
    return this.#traceContext && untrusted !== true ? traceVariables(span) : {};
  }
}

interface Decided {
  readonly invocation: Invocation;
  readonly verdict: Verdict;
}
