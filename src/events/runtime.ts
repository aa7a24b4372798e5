import type { Attributes, Context, Span, SpanKind } from '@opentelemetry/api';
import type { Ledger } from '../ledger/ledger.js';
import type { Table } from '../ledger/table.js';
import type { SandboxRegistry } from './sandbox-registry.js';
import type { SessionRegistry } from './session-registry.js';

/** What a span of ours is started with. Times are milliseconds since the epoch. */
export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** Adds further ones, which no line tells and no sampler weighs, where the span is exported. */
  readonly details?: (attributes: Attributes) => void;
  readonly startTime?: number | undefined;
  /** The context whose span becomes the parent; the active one when absent. */
  readonly parent?: Context;
}

/** A request's headers. Node makes an object of them only when somebody asks for it. */
export interface RequestHeaders {
  /** Whether there is one of this name in lower case. */
  has(name: string): boolean;
  /** All of them, by their names in lower case. */
  all(): Readonly<Record<string, unknown>>;
}

/** The part of OpenTelemetry tracing that events use, whoever's SDK is behind it. */
export interface Tracing {
  /** Whether a span that it starts may be one that somebody exports. */
  readonly mayExport: boolean;
  startSpan(name: string, options: SpanOptions): Span;
  /**
   * A span that somebody else has started and will end, to add to: ending what is returned
   * ends our part alone.
   */
  adoptSpan(span: Span, options: SpanOptions & { readonly name: string }): Span;
  /** The context that is active now. */
  active(): Context;
  /** Calls `fn` with a context active, and returns what it returns. */
  with<T>(context: Context, fn: () => T): T;
  /** The context that a request's trace headers describe, on top of the root context. */
  extract(headers: RequestHeaders): Context;
}

/** What a host may report itself, in place of an instrumentation. */
export type Reported =
  | 'exec'
  | 'rejection'
  | 'session'
  | 'message'
  | 'request'
  | 'limiter'
  | 'idempotency'
  | 'provider'
  | 'circuit'
  | 'sandbox';

/** What every event works on. One is started in a process; see `install`. */
export interface Runtime {
  /**
   * What the host has reported itself so far. An instrumentation leaves it alone from then on,
   * or it would be counted twice.
   */
  readonly reportedByHost: Set<Reported>;
  readonly ledger: Ledger;
  readonly sessions: SessionRegistry;
  readonly sandboxes: SandboxRegistry;
  /** Whether messages are timed for log records that are exported, whatever lines are on. */
  readonly timesMessages: boolean;
  /** Spans of messages that have no timing line. */
  readonly withoutTimingLine: WeakSet<object>;
  /** Monotonic clock, in milliseconds. */
  now(): number;
  /** Decides whose SDK the spans go to, at the first call; see the design's “Whose SDK”. */
  tracing(): Tracing;
  /** Whether that is decided: until then nothing has happened, and no request is handled. */
  isSettled(): boolean;
  /** Says something about ourselves once for each key, where the operator reads it. */
  reportOnce(key: string, problem: string, error?: unknown): void;
}

/**
 * The slot is a registered symbol because the preload and a host's import are two
 * bundles, maybe of two module systems, and must find the same runtime.
 */
const SLOT = Symbol.for('agent-otel.runtime');
const slots = globalThis as { [SLOT]?: Runtime | undefined };

/** The runtime of this process, or undefined without a preload and before `install`. */
export function currentRuntime(): Runtime | undefined {
  return slots[SLOT];
}

/** Makes a runtime the one that events reach; undefined turns every event into a no-op. */
export function install(runtime: Runtime | undefined): void {
  slots[SLOT] = runtime;
}

/**
 * Makes a public event that opens something: `inert` is the handle that a caller gets when
 * there is nothing to hold on to, without a runtime or when the recording failed.
 */
export function opening<A extends unknown[], R>(
  reported: Reported | undefined,
  inert: R,
  record: (runtime: Runtime, ...args: A) => R,
): (...args: A) => R {
  let told: Runtime | undefined;
  return (...args) => {
    const runtime = currentRuntime();
    if (runtime === undefined) return inert;
    if (runtime !== told) {
      told = runtime;
      if (reported !== undefined) runtime.reportedByHost.add(reported);
    }
    try {
      return record(runtime, ...args);
    } catch (error) {
      reportFailure(runtime, error);
      return inert;
    }
  };
}

/** Makes a public event of something that happened: nothing without a runtime, never a throw. */
export function event<A extends unknown[]>(
  reported: Reported | undefined,
  record: (runtime: Runtime, ...args: A) => void,
): (...args: A) => void {
  return opening(reported, undefined, record);
}

/** What a held event counts in. */
export interface Cell {
  readonly table: Table;
  readonly row: number;
}

/**
 * Makes a public event that holds the cell it counts in: it is looked up once for a runtime,
 * and from then on the event is an add. Nothing without a runtime.
 */
export function holding(reported: Reported, find: (runtime: Runtime) => Cell): () => void {
  let held: Runtime | undefined;
  let cell: Cell | undefined;
  const look = opening<[], Cell | undefined>(reported, undefined, find);
  return () => {
    const runtime = currentRuntime();
    if (runtime !== held) {
      held = runtime;
      cell = look();
    }
    cell?.table.add(cell.row, 1);
  };
}

/** Keeps a handle's method from throwing into the host. */
export function guard(runtime: Runtime, record: () => void): void {
  try {
    record();
  } catch (error) {
    reportFailure(runtime, error);
  }
}

/** Says that an event could not be recorded. */
export function reportFailure(runtime: Runtime, error: unknown): void {
  runtime.reportOnce('event', 'an event could not be recorded', error);
}
