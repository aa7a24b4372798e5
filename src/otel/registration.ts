import type { MeterProvider } from '@opentelemetry/api';
import { apiGlobals, forgetApiGlobals, loadedApis, type Api } from './api-globals.js';
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
}

/** The registration of a process whose host had registered everything before us. */
export const NOT_REGISTERED: Registration = { kinds: new Set(), set: () => undefined };

/**
 * Registers our SDK for what nobody has registered, through the newest loaded copy of the
 * API, so that spans a host makes with any copy reach us.
 */
export function registerGlobally(sdk: OwnSdk): Registration {
  const [newest, ...older] = loadedApis();
  const found = apiGlobals();
  const kinds = new Set(KINDS.filter((kind) => found[kind] === undefined));
  const values = {
    trace: sdk.tracerProvider,
    context: sdk.contextManager,
    propagation: sdk.propagator,
    metrics: sdk.meterProvider,
  };
  const set = (api: Api, kind: Kind): void => {
    setterOf(api, kind).call(api[kind], values[kind]);
  };
  for (const copy of older) delegate(copy, sdk);
  for (const kind of kinds) if (newest !== undefined) set(newest, kind);
  return { kinds, set };
}

/** Tracers that a host took from another copy before now follow that copy's own proxy. */
export function delegate(copy: Api, sdk: OwnSdk): void {
  // Once something is registered a copy hands out that, and hides its own proxy.
  const trace = copy.trace as unknown as { _proxyTracerProvider?: DelegatingProvider };
  trace._proxyTracerProvider?.setDelegate?.(sdk.tracerProvider);
}

interface DelegatingProvider {
  setDelegate?: (provider: unknown) => void;
}

/**
 * Lets a host that registers after us win: what is ours and stands in its way is taken out
 * first. Returns what stops watching.
 */
export function watchRegistrations(
  apis: readonly Api[],
  { ours, listener }: { ours: Registration; listener: ProviderListener },
): () => void {
  const restores = apis.flatMap((api) => KINDS.map((kind) => watch(api, { kind, ours, listener })));
  return () => {
    for (const restore of restores) restore();
  };
}

function watch(
  api: Api,
  { kind, ours, listener }: { kind: Kind; ours: Registration; listener: ProviderListener },
): () => void {
  const original = setterOf(api, kind);
  const target = api[kind] as unknown as Record<string, unknown> & { disable: () => void };
  target[SETTERS[kind]] = (value: unknown): boolean => {
    if (ours.kinds.delete(kind)) target.disable();
    const registered =
      original.call(target, value) ||
      registerAnew(api, { ours, retry: () => original.call(target, value) });
    if (registered && kind === 'trace') listener.onTracerProvider();
    if (registered && kind === 'metrics') listener.onMeterProvider(value as MeterProvider);
    return registered;
  };
  // The setter is a method of the class: without our own it is there again.
  return () => {
    Reflect.deleteProperty(target, SETTERS[kind]);
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

type Setter = (this: unknown, value: unknown) => boolean;

/** The setter as the API's class has it, whatever stands in front of it. */
function setterOf(api: Api, kind: Kind): Setter {
  const prototype = Object.getPrototypeOf(api[kind]) as Record<string, Setter>;
  return prototype[SETTERS[kind]] ?? (() => false);
}
