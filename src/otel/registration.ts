import type { MeterProvider } from '@opentelemetry/api';
import { apiGlobals, loadedApis, type Api, type ApiGlobals } from './api-globals.js';
import type { OwnSdk } from './own-sdk.js';

type Kind = 'trace' | 'context' | 'propagation' | 'metrics';

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

/**
 * Registers our SDK for what nobody has registered, through the newest loaded copy of the
 * API, so that spans a host makes with any copy reach us.
 */
export function registerGlobally(sdk: OwnSdk): void {
  const copies = loadedApis();
  const [newest] = copies;
  if (newest === undefined) return;
  // Tracers that a host took from an older copy before now follow that copy's own proxy.
  for (const copy of copies.slice(1)) {
    const proxy = copy.trace.getTracerProvider() as { setDelegate?: (provider: unknown) => void };
    proxy.setDelegate?.(sdk.tracerProvider);
  }
  const registered = apiGlobals();
  if (registered.trace === undefined) newest.trace.setGlobalTracerProvider(sdk.tracerProvider);
  if (registered.context === undefined) newest.context.setGlobalContextManager(sdk.contextManager);
  if (registered.propagation === undefined) newest.propagation.setGlobalPropagator(sdk.propagator);
  if (registered.metrics === undefined) newest.metrics.setGlobalMeterProvider(sdk.meterProvider);
}

/**
 * Lets a host that registers after us win: whatever of ours stands in its way is taken out
 * first. Returns what stops watching.
 */
export function watchRegistrations(listener: ProviderListener): () => void {
  const ours: ApiGlobals = { ...apiGlobals() };
  const restores = loadedApis().flatMap((api) =>
    KINDS.map((kind) => watch(api, { kind, ours, listener })),
  );
  return () => {
    for (const restore of restores) restore();
  };
}

function watch(
  api: Api,
  { kind, ours, listener }: { kind: Kind; ours: ApiGlobals; listener: ProviderListener },
): () => void {
  const target = api[kind] as unknown as Record<string, unknown> & { disable: () => void };
  const name = SETTERS[kind];
  const original = target[name] as (this: unknown, value: unknown) => boolean;
  target[name] = function (this: unknown, value: unknown): boolean {
    if (apiGlobals()[kind] === ours[kind]) target.disable();
    const registered = original.call(target, value);
    if (registered && kind === 'trace') listener.onTracerProvider();
    if (registered && kind === 'metrics') listener.onMeterProvider(value as MeterProvider);
    return registered;
  };
  // The setter is a method of the class: without our own it is there again.
  return () => {
    Reflect.deleteProperty(target, name);
  };
}
