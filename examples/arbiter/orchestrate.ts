import type { Provider } from 'agent-otel';
import { CircuitOpen } from './breaker.js';
import type { Providers } from './providers/providers.js';
import type { Run, RunResult } from './run.js';
import { instructionIn } from './sandbox/instruction.js';
import type { SandboxPool } from './sandbox/sandbox-pool.js';

/** What a client asks for. */
export interface Ask {
  readonly message: string;
  readonly provider: Provider;
}

/** Who asks, what the answer goes to, and when to stop. */
export interface Job {
  readonly ask: Ask;
  readonly tenant: string;
  readonly run: Run;
  readonly signal: AbortSignal;
}

/** What does the work. */
export interface Workers {
  readonly providers: Providers;
  readonly sandboxes: SandboxPool;
}

/**
 * Runs what the message has for the sandbox, then asks the provider, and streams both. Says
 * what went wrong instead of throwing.
 */
export async function orchestrate(job: Job, workers: Workers): Promise<RunResult> {
  const { ask, run, signal } = job;
  try {
    const finding = await execute(job, workers.sandboxes);
    await workers.providers.ask({
      provider: ask.provider,
      prompt: finding === undefined ? ask.message : `${ask.message}\n\n${finding}`,
      client: signal,
      onText: (text) => {
        run.send('text', { text });
      },
    });
    return { ok: true };
  } catch (error) {
    return { ok: false, error: signal.aborted ? 'aborted' : errorCode(error) };
  }
}

/** Returns what the model is told about the execution; a failed one does not fail the request. */
async function execute(job: Job, sandboxes: SandboxPool): Promise<string | undefined> {
  const { ask, tenant, run, signal } = job;
  const instruction = instructionIn(ask.message);
  if (instruction === undefined) return undefined;
  try {
    const { result, output } = await sandboxes.execute(tenant, { instruction, signal });
    run.send('exec', { result, output });
    return `The sandbox says ${result}: ${output}`;
  } catch {
    signal.throwIfAborted();
    run.send('exec', { result: 'unavailable', output: '' });
    return 'The sandbox is not available.';
  }
}

function errorCode(error: unknown): string {
  if (error instanceof CircuitOpen) return 'circuit_open';
  const status = (error as { status?: unknown } | null)?.status;
  return status === 429 ? 'provider_rate_limited' : 'provider_error';
}
