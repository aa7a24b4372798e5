import type { TestContext } from 'node:test';
import type { ProcessRule } from '../../src/config/rules.js';
import type { ServerRequest } from '../../src/events/server-request.js';
import { instrumentProcesses } from '../../src/instrumentation/process/instrument-processes.js';
import { startRuntime, type TestRuntime } from './runtime.js';
import { waitFor } from './wait.js';

/** A runtime that follows the processes of the test, with a request to start them in. */
export interface ProcessTest extends TestRuntime {
  readonly request: ServerRequest;
  /** Calls `fn` as the handler of the request. */
  readonly inRequest: <T>(fn: () => T) => T;
  /** Executions by result, once none is in flight: success, error, timeout. */
  readonly results: () => Promise<(number | undefined)[]>;
}

export interface ProcessTestOptions {
  readonly rules?: readonly ProcessRule[];
  readonly traceContext?: boolean;
}

export function followProcesses(
  t: TestContext,
  { rules = [], traceContext = true }: ProcessTestOptions = {},
): ProcessTest {
  const agent = startRuntime(t);
  t.after(instrumentProcesses({ runtime: agent.runtime, rules, traceContext }));
  const request = agent.incoming();
  return {
    ...agent,
    request,
    inRequest: (fn) => request.handle(fn),
    async results() {
      await waitFor(() => agent.sample('wasmrun_agent_exec_in_flight') === 0, {
        what: 'no execution in flight',
      });
      return ['success', 'error', 'timeout'].map((result) =>
        agent.sample(`wasmrun_agent_exec_total{result="${result}"}`),
      );
    },
  };
}

/** Node's arguments for a child that runs a script. */
export function script(code: string): [string, string[]] {
  return [process.execPath, ['-e', code]];
}

/** A script that does nothing until it is ended. */
export const FOREVER = 'setInterval(() => undefined, 1000)';
