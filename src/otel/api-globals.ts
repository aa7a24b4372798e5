import { dirname, join, sep } from 'node:path';
import * as ownApi from '@opentelemetry/api';
import type {
  ContextManager,
  MeterProvider,
  TextMapPropagator,
  TracerProvider,
} from '@opentelemetry/api';
import { lazyRequire } from '../lazy-require.js';

/**
 * What has been registered in this process, whichever copy and version of the API it went
 * through. Read directly: a copy hides from its callers what a newer one has registered.
 */
export interface ApiGlobals {
  readonly version?: string;
  readonly trace?: TracerProvider;
  readonly context?: ContextManager;
  readonly propagation?: TextMapPropagator;
  readonly metrics?: MeterProvider;
  readonly diag?: object;
}

const SLOT = Symbol.for('opentelemetry.js.api.1');
const slots = globalThis as { [SLOT]?: ApiGlobals | undefined };

export function apiGlobals(): ApiGlobals {
  return slots[SLOT] ?? {};
}

/** Takes out everything that was registered, and with it the version that others must match. */
export function forgetApiGlobals(): void {
  slots[SLOT] = undefined;
}

/** One loaded copy of `@opentelemetry/api`. */
export type Api = Pick<typeof ownApi, 'trace' | 'context' | 'propagation' | 'metrics' | 'diag'>;

const ENTRY = join('@opentelemetry', 'api', 'build', 'src', 'index.js');

/**
 * The copies of the API that are loaded, newest version first. Whoever registers sets the
 * version that all others must be able to read: a copy reads what its own or a newer minor
 * and patch has registered, and nothing of an older one.
 */
export function loadedApis(): Api[] {
  const copies = Object.entries(lazyRequire.cache)
    .filter(([file]) => file.endsWith(sep + ENTRY))
    .map(([file, module]) => ({ api: module?.exports as Api, version: versionOf(file) }));
  if (!copies.some(({ api }) => api.trace === ownApi.trace)) {
    copies.push({ api: ownApi, version: [0, 0, 0] });
  }
  return copies.sort((a, b) => compare(b.version, a.version)).map(({ api }) => api);
}

function versionOf(entry: string): readonly number[] {
  try {
    const manifest = lazyRequire(join(dirname(entry), '..', '..', 'package.json')) as {
      version?: string;
    };
    return (manifest.version ?? '').split('.').map((part) => Number.parseInt(part, 10) || 0);
  } catch {
    return [0, 0, 0];
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
