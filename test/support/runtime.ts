import type { TestContext } from 'node:test';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SURFACES } from '../../src/catalog/surfaces.js';
import { install, type RequestHeaders, type Runtime } from '../../src/events/runtime.js';
import { SandboxRegistry } from '../../src/events/sandbox-registry.js';
import { ServerRequest, type IncomingRequest } from '../../src/events/server-request.js';
import { SessionRegistry } from '../../src/events/session-registry.js';
import { DocumentedSurface } from '../../src/exposition/documented-surface.js';
import { Ledger, type LedgerSnapshot } from '../../src/ledger/ledger.js';
import { createTracing } from '../../src/otel/tracing.js';
import { textOf } from './exposition.js';

/** A runtime made of the real parts, with a clock that stands still until it is moved. */
export interface TestRuntime {
  readonly runtime: Runtime;
  readonly ledger: Ledger;
  /** What was reported about ourselves, each key once. */
  readonly problems: string[];
  /** Lets time pass on both clocks, in milliseconds. */
  readonly advance: (ms: number) => void;
  /** The ended spans in the order of their ends. */
  readonly spans: () => ReadableSpan[];
  /** The one ended span of a name. */
  readonly span: (name: string) => ReadableSpan;
  /** The value of a documented sample, by its name with labels; undefined when not shown. */
  readonly sample: (name: string) => number | undefined;
  /** The same after the observed values were read, as a scrape reads them. */
  readonly scraped: (name: string) => Promise<number | undefined>;
  /** An HTTP request as the instrumentation would begin it. */
  readonly incoming: (
    options?: Partial<Omit<IncomingRequest, 'headers'>> & { headers?: Record<string, string> },
  ) => ServerRequest;
}

export interface TestRuntimeOptions {
  readonly tenantLimit?: number;
  readonly timesMessages?: boolean;
  readonly spanProcessors?: SpanProcessor[];
}

/** A problem with the error behind it, as one text. */
export function withError(problem: string, error: unknown): string {
  return error instanceof Error ? `${problem}: ${error.message}` : problem;
}

/** Request headers as an instrumentation hands them over. */
export function headersOf(headers: Record<string, string>): RequestHeaders {
  return { has: (name) => name in headers, all: () => headers };
}

/** Installs a runtime of its own for a test and takes it away afterwards. */
export function startRuntime(t: TestContext, options: TestRuntimeOptions = {}): TestRuntime {
  let clock = 1_000;
  const problems: string[] = [];
  const reported = new Set<string>();
  const ledger = new Ledger({
    tenantLimit: options.tenantLimit ?? 1_000,
    now: () => clock,
    onProblem: (problem, error) => problems.push(withError(problem, error)),
  });
  const exporter = new InMemorySpanExporter();
  const contextManager = new AsyncLocalStorageContextManager().enable();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter), ...(options.spanProcessors ?? [])],
  });
  const tracing = createTracing({
    tracer: provider.getTracer('test'),
    contextManager,
    propagator: new W3CTraceContextPropagator(),
  });
  const now = (): number => clock;
  const runtime: Runtime = {
    ledger,
    sessions: new SessionRegistry({ ledger, now }),
    sandboxes: new SandboxRegistry(ledger),
    now,
    reportedByHost: new Set(),
    timesMessages: options.timesMessages ?? false,
    withoutTimingLine: new WeakSet(),
    tracing: () => tracing,
    isSettled: () => true,
    reportOnce: (key, problem, error) => {
      if (!reported.has(key)) problems.push(withError(problem, error));
      reported.add(key);
    },
  };
  install(runtime);
  t.after(() => {
    install(undefined);
    contextManager.disable();
  });

  const surfaces = SURFACES.map((surface) => new DocumentedSurface(surface));
  const sampleOf = (snapshot: LedgerSnapshot, name: string): number | undefined => {
    const text = textOf(surfaces.flatMap((surface) => surface.families(snapshot)));
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };
  return {
    runtime,
    ledger,
    problems,
    advance: (ms) => {
      clock += ms;
    },
    spans: () => exporter.getFinishedSpans(),
    span: (name) => {
      const [found, ...others] = exporter.getFinishedSpans().filter((span) => span.name === name);
      if (found === undefined || others.length > 0) {
        const names = exporter.getFinishedSpans().map((span) => span.name);
        throw new Error(`not one span ${name} among: ${names.join(', ')}`);
      }
      return found;
    },
    sample: (name) => sampleOf(ledger.snapshot(), name),
    scraped: async (name) => sampleOf(await ledger.observe(), name),
    incoming: ({ headers = {}, ...incoming } = {}) =>
      new ServerRequest(runtime, {
        method: 'POST',
        scheme: 'http',
        attributes: { 'http.request.method': 'POST', 'url.path': '/v1/messages' },
        details: () => undefined,
        headers: headersOf(headers),
        ...incoming,
      }),
  };
}
