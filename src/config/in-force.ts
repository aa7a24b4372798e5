import type { Dialect } from '../catalog/vocabulary.js';
import type { Config } from './config.js';
import { builtInRules } from './rules-built-in.js';
import type { Rules } from './rules.js';

/** How many rules apply, and where they come from, in one line. */
export function rulesInForce(
  rules: Rules,
  { file, dialect }: { file: string | undefined; dialect: Dialect | undefined },
): string {
  const builtIn = count(builtInRules(dialect));
  const ours = `${builtIn} built in`;
  return file === undefined
    ? `rules: ${ours}`
    : `rules: ${count(rules) - builtIn} of ${JSON.stringify(file)}, then ${ours}`;
}

function count({ routes, processes, containers, providers }: Rules): number {
  return routes.length + processes.length + containers.length + providers.length;
}

/** What an operator could have and does not, each with what keeps it off. */
export function switchedOff(config: Config): string[] {
  const { dialect, otlp } = config;
  const off: string[] = [];
  const add = (what: string, why: string): void => {
    off.push(`${what} (${why})`);
  };
  if (config.accessLog === 'off') {
    add('access lines', dialect === 'ash' ? 'dialect ash' : 'AGENT_OTEL_ACCESS_LOG');
  }
  if (dialect !== undefined && dialect !== 'ash') {
    add('timing and resume lines', `dialect ${dialect}`);
  }
  if (!config.inline) add("documented paths on the host's own port", 'AGENT_OTEL_INLINE');
  if (config.admin === undefined) add('the admin listener', 'OTEL_METRICS_EXPORTER');
  if (!config.childTraceContext) {
    add('the trace in child processes', 'AGENT_OTEL_CHILD_TRACE_CONTEXT');
  }
  const signals = (['traces', 'metrics', 'logs'] as const).filter(
    (signal) => otlp[signal] === undefined,
  );
  if (signals.length > 0)
    add(`OTLP of ${signals.join(', ')}`, 'OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_*_EXPORTER');
  return off;
}
