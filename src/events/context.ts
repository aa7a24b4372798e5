import { createContextKey, trace, type Context, type Span } from '@opentelemetry/api';
import { currentRuntime, type Runtime } from './runtime.js';

const SESSION = createContextKey('agent-otel.session');

/** Calls `fn` with a span as the active one, so that what happens inside becomes its child. */
export function withSpan<T>(span: Span, fn: () => T): T {
  const tracing = currentRuntime()?.tracing();
  if (tracing === undefined) return fn();
  const active = tracing.active();
  return trace.getSpan(active) === span ? fn() : tracing.with(trace.setSpan(active, span), fn);
}

/** Calls `fn` with a session as the current one. */
export function withSession<T>(sessionId: string, fn: () => T): T {
  const tracing = currentRuntime()?.tracing();
  return tracing === undefined ? fn() : tracing.with(inSession(tracing.active(), sessionId), fn);
}

/** A context whose current session is this one. */
export function inSession(context: Context, sessionId: string): Context {
  return context.setValue(SESSION, sessionId);
}

/** The session that the current async context is in, if any. */
export function activeSession(runtime: Runtime): string | undefined {
  return sessionOf(runtime.tracing().active());
}

/** The session that a context is in, if any. */
export function sessionOf(context: Context): string | undefined {
  return context.getValue(SESSION) as string | undefined;
}
