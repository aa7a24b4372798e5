import type { Executions, StartedExec, StartedSandbox } from './executions.js';
import { ExecLifetime, type Lifetime, type Limits } from './lifetime.js';
import { SandboxLifetime } from './sandbox-lifetime.js';

/** What follows something that was started. */
export function lifetimeOf(
  executions: Executions,
  started: StartedExec | StartedSandbox,
  limits: Limits,
): Lifetime {
  return 'exec' in started
    ? new ExecLifetime(executions.runtime, started, limits)
    : new SandboxLifetime(executions, started);
}
