import { isSpanContextValid, type Span } from '@opentelemetry/api';

/** Environment variables by which a child continues a trace: `TRACEPARENT`, `TRACESTATE`. */
export type TraceVariables = Readonly<Record<string, string>>;

const PARENT = 'TRACEPARENT';
const STATE = 'TRACESTATE';

/** The W3C trace context of a span as environment variables; none for a span that is none. */
export function traceVariables(span: Span): TraceVariables {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return {};
  const flags = context.traceFlags.toString(16).padStart(2, '0');
  const state = context.traceState?.serialize();
  return {
    [PARENT]: `00-${context.traceId}-${context.spanId}-${flags}`,
    ...(state !== undefined && state !== '' && { [STATE]: state }),
  };
}

/** `NAME=value` pairs with a trace context in them; the pairs given are left as they are. */
export function withTracePairs(pairs: readonly string[], variables: TraceVariables): string[] {
  const given = pairs.find((pair) => nameOf(pair) === PARENT)?.slice(PARENT.length + 1);
  if (isHostsOwn(given) || Object.keys(variables).length === 0) return [...pairs];
  return [
    ...pairs.filter((pair) => nameOf(pair) !== PARENT && nameOf(pair) !== STATE),
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  ];
}

/** An environment with a trace context in it; the one given is left as it is. */
export function withTraceVariables(
  environment: Readonly<Record<string, unknown>>,
  variables: TraceVariables,
): Readonly<Record<string, unknown>> {
  if (isHostsOwn(environment[PARENT]) || Object.keys(variables).length === 0) return environment;
  const copy: Record<string, unknown> = {};
  // Node passes on what the object inherits as well.
  for (const name in environment) copy[name] = environment[name];
  Reflect.deleteProperty(copy, STATE);
  return Object.assign(copy, variables);
}

/** A value that came with the process's own environment is another trace's, and replaced. */
function isHostsOwn(traceparent: unknown): boolean {
  return traceparent !== undefined && traceparent !== process.env[PARENT];
}

function nameOf(pair: string): string {
  return pair.slice(0, pair.indexOf('='));
}
