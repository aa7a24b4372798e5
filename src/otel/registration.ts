import type { MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api';
import { apiGlobals, forgetApiGlobals, loadedApis, unregister, type Api } from './api-globals.js';
import type { OwnSdk } from './own-sdk.js';

/** What can be registered. */
export type Kind = 'trace' | 'context' | 'propagation' | 'metrics';

/** The setter of each kind, by which a host's SDK would register after us. */
const SETTERS = {
  trace: 'setGlobalTracerProvider',
  context: 'setGlobalContextManager',
  propagation: 'setGlobalPropagator',
  metrics: 'setGlobalMeterProvider',
} as const satisfies Record<Kind, string>;
const KINDS = Object.keys(SETTERS) as readonly Kind[];

/** Told when a host registers a provider of its own, before or after us. */
export interface ProviderListener {
  onTracerProvider(): void;
  onMeterProvider(provider: MeterProvider): void;
}

/** What of ours is registered, and how to register it with another copy of the API. */
export interface Registration {
  /** The kinds that are ours and stand. */
  readonly kinds: Set<Kind>;
  set(api: Api, kind: Kind): void;
  /** Makes another copy's own proxy follow, for tracers that a host took from it before. */
  delegate(api: Api): void;
  /** A host has registered a provider of its own: tracers that are out follow it. */
  yieldTo(provider: TracerProvider): void;
}

/** The registration of a process whose host had registered everything before us. */
export const NOT_REGISTERED: Registration = {
  kinds: new Set(),
  set: () => undefined,
  delegate: () => undefined,
  yieldTo: () => undefined,
};

/**
 * Registers our SDK for what nobody has registered, through the newest loaded copy of the
 * API, so that spans a host makes with any copy reach us.
 */
export function registerGlobally(sdk: OwnSdk): Registration {
  const [newest, ...older] = loadedApis();
  const found = apiGlobals();
  const kinds = new Set(KINDS.filter((kind) => found[kind] === undefined));
  const tracers = createYieldingProvider(sdk.tracerProvider);
  const values = {
    trace: tracers.provider,
    context: sdk.contextManager,
    propagation: sdk.propagator,
    metrics: sdk.meterProvider,
  };
  const registration: Registration = {
    kinds,
    set(api, kind) {
      setterOf(api, kind).call(api[kind], values[kind]);
    },
    delegate(api) {
      // Once something is registered a copy hands out that, and hides its own proxy.
      const { _proxyTracerProvider: proxy } = api.trace as unknown as {
        _proxyTracerProvider?: { setDelegate?: (provider: TracerProvider) => void };
      };
      proxy?.setDelegate?.(tracers.provider);
    },
    yieldTo: tracers.yieldTo,
  };
  for (const copy of older) registration.delegate(copy);
  for (const kind of kinds) if (newest !== undefined) registration.set(newest, kind);
  return registration;
}

/**
 * A provider whose tracers ask for their delegate at each span: those that a host took while
 * ours was registered follow the provider that it registers later.
 */
function createYieldingProvider(own: TracerProvider): {
  readonly provider: TracerProvider;
  readonly yieldTo: (provider: TracerProvider) => void;
} {
  let current = own;
  return {
    provider: {
      getTracer(...scope): Tracer {
        return {
          startSpan: (...span) => current.getTracer(...scope).startSpan(...span),
          startActiveSpan: (...span: unknown[]) => {
            const tracer = current.getTracer(...scope) as unknown as ActiveSpanStarter;
            return tracer.startActiveSpan(...span) as never;
          },
        };
      },
    },
    yieldTo(provider) {
      current = provider;
    },
  };
}

/**
 * Lets a host that registers after us win: what is ours and stands in its way is taken out
 * first.
 */
export function watchRegistrations(
  apis: readonly Api[],
  { ours, listener }: { ours: Registration; listener: ProviderListener },
): void {
  for (const api of apis) for (const kind of KINDS) watch(api, { kind, ours, listener });
}

function watch(
  api: Api,
  { kind, ours, listener }: { kind: Kind; ours: Registration; listener: ProviderListener },
): void {
  const original = setterOf(api, kind);
  const target = api[kind] as unknown as Record<string, unknown>;
  target[SETTERS[kind]] = (value: unknown): boolean => {
    // Not by the API's own disable, which would also end what is under way.
    if (ours.kinds.delete(kind)) unregister(kind);
    const registered =
      original.call(target, value) ||
      registerAnew(api, { ours, retry: () => original.call(target, value) });
    if (registered && kind === 'trace') {
      ours.yieldTo(value as TracerProvider);
      listener.onTracerProvider();
    }
    if (registered && kind === 'metrics') listener.onMeterProvider(value as MeterProvider);
    return registered;
  };
}

/**
 * A copy of another version than the one we registered with is refused whatever it
 * registers. Where nothing but ours is in its way the slate is wiped for it, and what the
 * host does not bring itself is registered again, with its copy.
 */
function registerAnew(
  api: Api,
  { ours, retry }: { ours: Registration; retry: () => boolean },
): boolean {
  const found = apiGlobals();
  const foreign = KINDS.some((kind) => found[kind] !== undefined && !ours.kinds.has(kind));
  if (ours.kinds.size === 0 || foreign) return false;
  forgetApiGlobals();
  if (!retry()) return false;
  queueMicrotask(() => {
    for (const kind of ours.kinds) if (apiGlobals()[kind] === undefined) ours.set(api, kind);
  });
  return true;
}

/** Its overloads in one, to hand arguments on as they came. */
interface ActiveSpanStarter {
  startActiveSpan(...args: unknown[]): unknown;
}

type Setter = (this: unknown, value: unknown) => boolean;

/** The setter as the API's class has it, whatever stands in front of it. */
function setterOf(api: Api, kind: Kind): Setter {
  const prototype = Object.getPrototypeOf(api[kind]) as Record<string, Setter>;
  return prototype[SETTERS[kind]] ?? (() => false);
}
