import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as api from '@opentelemetry/api';
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

/** Takes out what was registered of one kind, and leaves it working for who holds it. */
export function unregister(kind: 'trace' | 'context' | 'propagation' | 'metrics'): void {
  const { [kind]: taken, ...others } = apiGlobals();
  if (taken !== undefined) slots[SLOT] = others;
}

/** Takes out everything that was registered, and with it the version that others must match. */
export function forgetApiGlobals(): void {
  slots[SLOT] = undefined;
}

/** One loaded copy of `@opentelemetry/api`. */
export type Api = Pick<typeof api, 'trace' | 'context' | 'propagation' | 'metrics' | 'diag'>;

/** A copy's CommonJS entry: up to 1.9, and since. */
const ENTRY =
  /^(?<root>.*[\\/]@opentelemetry[\\/]api)[\\/](?:build[\\/]src[\\/]index\.js|dist[\\/]index\.cjs)$/;
/** Its other entry, an instance of its own where `import` leads there (since 1.10). */
const ES_ENTRY = join('dist', 'index.mjs');

interface Copy {
  readonly api: Api;
  readonly root: string;
  readonly version: readonly number[];
}

/**
 * The copies of the API that are loaded, the host's own among them, newest version first.
 * Whoever registers sets the version that all others must be able to read: a copy reads
 * what its own or a newer minor and patch has registered, and nothing of an older one.
 */
export function loadedApis(): Api[] {
  return loadedCopies().map(({ api }) => api);
}

/**
 * The same packages as ES modules, where they are instances of their own. Loading one that
 * the host has imported gives the host's; one that it has not costs a few milliseconds.
 */
export async function loadEsApis(): Promise<Api[]> {
  const entries = loadedCopies()
    .map(({ root }) => join(root, ES_ENTRY))
    .filter((file) => existsSync(file));
  return Promise.all(entries.map(async (file) => (await import(pathToFileURL(file).href)) as Api));
}

function loadedCopies(): Copy[] {
  loadHostsCopy();
  // Not at start: forty files, which a process that neither listens nor records can do without.
  const ownApi = lazyRequire('@opentelemetry/api') as Api;
  const copies = Object.entries(lazyRequire.cache).flatMap(([file, module]): Copy[] => {
    const root = ENTRY.exec(file)?.groups?.['root'];
    return root === undefined || module?.loaded !== true
      ? []
      : [{ api: module.exports as Api, root, version: versionOf(root) }];
  });
  if (!copies.some(({ api }) => api.trace === ownApi.trace)) {
    copies.push({ api: ownApi, root: '', version: [0, 0, 0] });
  }
  return copies.sort((a, b) => compare(b.version, a.version));
}

/** The copy that the host's main module finds; a host may load it later than us. */
function loadHostsCopy(): void {
  const [, main] = process.argv;
  if (main === undefined) return;
  try {
    createRequire(main)('@opentelemetry/api');
  } catch {
    // A host without the API of its own makes no spans through it.
  }
}

function versionOf(root: string): readonly number[] {
  try {
    const { version = '' } = lazyRequire(join(root, 'package.json')) as { version?: string };
    return version.split('.').map((part) => Number.parseInt(part, 10) || 0);
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
