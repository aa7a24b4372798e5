import { SANDBOX_STATES, type SandboxState } from '../catalog/vocabulary.js';
import { withSpan } from './context.js';
import { errorType, follow } from './outcome.js';
import { currentRuntime, event, guard, opening, type Runtime } from './runtime.js';
import type { PoolReader } from './sandbox-registry.js';
import { recordGone, SandboxStart, type Making, type SandboxOptions } from './sandbox-start.js';

export type { SandboxOptions };

/**
 * Sandboxes: processes, containers or WASM instances that run what agents ask for. Ash's
 * pool families and arbiter's `sandbox_container_*`.
 */
export const sandbox = {
  /**
   * Cold-starts a sandbox: `warming` while `start` runs, `warm` once it has returned, gone
   * if it threw. Counted as started when it returns; the span has its duration.
   *
   * @example
   * const container = await sandbox.start({ id, tenant }, () => docker.run(image));
   */
  start<T>(options: SandboxOptions, start: () => T): T {
    return make('start', options, start);
  },

  /**
   * Makes a sandbox anew because a probe found it unresponsive: `warming` while `rebuild`
   * runs, `warm` afterwards. Counted as rebuilt, not as started.
   *
   * @example
   * if (!(await container.answers())) await sandbox.rebuild({ id }, () => container.replace());
   */
  rebuild<T>(options: SandboxOptions, rebuild: () => T): T {
    return make('rebuild', options, rebuild);
  },

  /** It is in another state. A sandbox that was not known joins the pool with it. */
  changed: event<[string, SandboxState]>('sandbox', (runtime, id, state) => {
    if (SANDBOX_STATES.includes(state)) runtime.sandboxes.enter(id, state);
    else runtime.reportOnce('sandbox.changed', `unknown sandbox state ${JSON.stringify(state)}`);
  }),

  /** The idle reaper stopped it. */
  reaped: event<[string]>('sandbox', (runtime, id) => {
    leave(runtime, 'reaped', id);
  }),

  /** It ended for another reason: its session did, it crashed, the server shuts down. */
  stopped: event<[string]>('sandbox', (runtime, id) => {
    leave(runtime, 'stopped', id);
  }),

  /**
   * Reads the pool's states from the host whenever somebody scrapes, instead of counting
   * them from `start` and `changed`. `read` may be async; a throw or more than 250 ms leaves
   * the last values in place. Returns what stops the reading.
   *
   * @example
   * sandbox.observePool(() => ({ warm: pool.idle, running: pool.busy, maxCapacity: 16 }));
   */
  observePool: opening<[PoolReader], () => void>(
    'sandbox',
    () => undefined,
    (runtime, read) => runtime.sandboxes.observe(read),
  ),
};

function make<T>(making: Making, options: SandboxOptions, fn: () => T): T {
  const runtime = currentRuntime();
  if (runtime === undefined) return fn();
  runtime.reportedByHost.add('sandbox');
  let started: SandboxStart | undefined;
  guard(runtime, () => {
    started = new SandboxStart(runtime, making, options);
  });
  const start = started;
  if (start === undefined) return fn();
  return follow(() => withSpan(start.span, fn), {
    onEnd: (ending) => {
      guard(runtime, () => {
        if (ending.how === 'returned') start.succeeded();
        else start.failed(ending.how === 'threw' ? errorType(ending.error) : undefined);
      });
    },
  });
}

function leave(runtime: Runtime, how: 'reaped' | 'stopped', id: string): void {
  if (recordGone(runtime, how, id)) return;
  runtime.reportOnce(`sandbox.${how}`, `sandbox.${how} for an unknown sandbox; it is ignored`);
}
