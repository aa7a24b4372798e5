import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_SANDBOX_ID, ATTR_TENANT_ID } from '../catalog/attributes.js';
import { SANDBOX_STATES, type SandboxState } from '../catalog/vocabulary.js';
import { toLabelValue } from '../ledger/label-value.js';
import { withSpan } from './context.js';
import { errorType, follow } from './outcome.js';
import { currentRuntime, event, guard, opening, type Runtime } from './runtime.js';
import type { PoolReader } from './sandbox-registry.js';

/** A sandbox as its host describes it. */
export interface SandboxOptions {
  /** The host's id, unique among the sandboxes it holds. */
  readonly id: string;
  /** The tenant whose sandbox it is, where there are tenants. */
  readonly tenant?: string | undefined;
}

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
    return making('sandbox.start', options, {
      make: start,
      made: ({ ledger }) => {
        ledger.tables.sandboxStarted.add(0, 1);
      },
    });
  },

  /**
   * Makes a sandbox anew because a probe found it unresponsive: `warming` while `rebuild`
   * runs, `warm` afterwards. Counted as rebuilt, not as started.
   *
   * @example
   * if (!(await container.answers())) await sandbox.rebuild({ id }, () => container.replace());
   */
  rebuild<T>(options: SandboxOptions, rebuild: () => T): T {
    return making('sandbox.rebuild', options, {
      make: rebuild,
      made: ({ ledger }) => {
        ledger.tables.sandboxRebuilt.add(0, 1);
      },
    });
  },

  /** It is in another state. A sandbox that was not known joins the pool with it. */
  changed: event<[string, SandboxState]>('sandbox', (runtime, id, state) => {
    if (SANDBOX_STATES.includes(state)) runtime.sandboxes.enter(id, state);
    else runtime.reportOnce('sandbox.changed', `unknown sandbox state ${JSON.stringify(state)}`);
  }),

  /** The idle reaper stopped it. */
  reaped: event<[string]>('sandbox', (runtime, id) => {
    if (!leaves(runtime, 'reaped', id)) return;
    runtime.ledger.tables.sandboxReaped.add(0, 1);
    startSpan(runtime, 'sandbox.reaped', { id }).end();
  }),

  /** It ended for another reason: its session did, it crashed, the server shuts down. */
  stopped: event<[string]>('sandbox', (runtime, id) => {
    if (leaves(runtime, 'stopped', id)) startSpan(runtime, 'sandbox.stopped', { id }).end();
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

function making<T>(
  name: string,
  options: SandboxOptions,
  { make, made }: { make: () => T; made: (runtime: Runtime) => void },
): T {
  const runtime = currentRuntime();
  if (runtime === undefined) return make();
  runtime.reportedByHost.add('sandbox');
  let span: Span | undefined;
  guard(runtime, () => {
    span = startSpan(runtime, name, options);
    runtime.sandboxes.enter(options.id, 'warming');
  });
  const started = span;
  if (started === undefined) return make();
  return follow(() => withSpan(started, make), {
    onEnd: (ending) => {
      guard(runtime, () => {
        if (ending.how === 'returned') {
          runtime.sandboxes.enter(options.id, 'warm');
          made(runtime);
        } else {
          runtime.sandboxes.remove(options.id);
          if (ending.how === 'threw')
            started.setAttribute(ATTR_ERROR_TYPE, errorType(ending.error));
          started.setStatus({ code: SpanStatusCode.ERROR });
        }
        started.end();
      });
    },
  });
}

function leaves(runtime: Runtime, name: string, id: string): boolean {
  const known = runtime.sandboxes.remove(id);
  if (!known) {
    runtime.reportOnce(`sandbox.${name}`, `sandbox.${name} for an unknown sandbox; it is ignored`);
  }
  return known;
}

function startSpan(runtime: Runtime, name: string, { id, tenant }: SandboxOptions): Span {
  return runtime.tracing().startSpan(name, {
    kind: SpanKind.INTERNAL,
    attributes: {
      [ATTR_SANDBOX_ID]: toLabelValue(id),
      ...(tenant !== undefined && { [ATTR_TENANT_ID]: toLabelValue(tenant) }),
    },
  });
}
