import type { Rules } from '../config/rules.js';
import type { Runtime } from '../events/runtime.js';
import { readSandboxesOfSessions } from '../events/sandboxes-of-sessions.js';
import type { OnAttachment } from './attachments.js';
import { instrumentDocker } from './docker/instrument-docker.js';
import { instrumentHttpServers, type HttpServerOptions } from './http/servers.js';
import { instrumentProcesses } from './process/instrument-processes.js';
import { instrumentProviderCalls } from './provider/provider-calls.js';
import { keepTickShape } from './tick-shape.js';

export interface HostOptions {
  readonly runtime: Runtime;
  readonly rules: Rules;
  readonly http: Omit<HttpServerOptions, 'runtime' | 'rules'>;
  /** Whether child processes are told of the trace. */
  readonly childTraceContext: boolean;
  readonly onAttachment: OnAttachment;
}

/** What follows a host. */
export interface HostInstrumentation {
  /** Ends what waits to be continued, so that its spans can be exported: the process ends. */
  endAll(): void;
  /** Undoes it all. */
  stop(): void;
}

/**
 * Follows what a host does without a call of its own: the requests that it serves, its calls
 * to model providers, what it executes, and the containers that it does so in.
 */
export function instrumentHost(options: HostOptions): HostInstrumentation {
  const { runtime, rules, http, childTraceContext, onAttachment } = options;
  keepTickShape();
  describePool(runtime, rules);
  const providers = instrumentProviderCalls({ runtime, rules: rules.providers, onAttachment });
  const undo = [
    providers.stop,
    instrumentHttpServers({
      ...http,
      runtime,
      rules: rules.routes,
      onAttachment,
      onFirstListen: () => {
        http.onFirstListen();
        providers.look();
      },
    }),
    instrumentProcesses({
      runtime,
      rules: rules.processes,
      traceContext: childTraceContext,
      onAttachment,
    }),
    instrumentDocker({ runtime, rules: rules.containers, onAttachment }),
  ];
  return {
    endAll: providers.endAll,
    stop() {
      for (const off of undo) off();
    },
  };
}

/** What rules say of the sandboxes as a whole. A host that keeps its pool itself knows better. */
function describePool(runtime: Runtime, { processes, containers }: Rules): void {
  const capacities = [...processes, ...containers].map(({ capacity }) => capacity ?? 0);
  const capacity = capacities.reduce((sum, one) => sum + one, 0);
  if (capacity > 0) runtime.sandboxes.limit(capacity);
  if (processes.some(({ per }) => per === 'session')) {
    runtime.sandboxes.observe(() => readSandboxesOfSessions(runtime));
  }
}
