import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { recordCircuitOpened } from '../../events/provider.js';
import { guard, type Runtime } from '../../events/runtime.js';
import type { OnAttachment } from '../attachments.js';
import { replaceMethod, type Method } from '../patch.js';
import type { OnLoaded } from './loading.js';

type Prototype = Record<string, Method>;

/** A circuit breaker class: where its work runs, where it opens, and how to see that it is open. */
interface Library {
  readonly name: 'opossum' | 'cockatiel';
  /** The class in what the module exports. */
  readonly classIn: (exports: Readonly<Record<string, unknown>>) => unknown;
  readonly run: string;
  readonly isOpen: (breaker: object) => boolean;
}

const LIBRARIES: readonly Library[] = [
  {
    name: 'opossum',
    classIn: (exports) => exports['default'] ?? exports,
    run: 'call',
    isOpen: (breaker) => (breaker as { opened?: unknown }).opened === true,
  },
  {
    name: 'cockatiel',
    classIn: (exports) => exports['CircuitBreakerPolicy'],
    run: 'execute',
    isOpen: (breaker) => (breaker as { state?: unknown }).state === COCKATIEL_OPEN,
  },
];
const COCKATIEL_OPEN = 1;
const OPEN = 'open';

export interface CircuitBreakers {
  /** A provider is called: inside of a breaker's work, that breaker is the provider's. */
  readonly called: (provider: string) => void;
  /** A module was loaded, which may be one of the libraries. */
  readonly onLoaded: OnLoaded;
  /** The host is loaded: looks for libraries of whose loading nothing tells. */
  readonly look: () => void;
  readonly stop: () => void;
}

/** A breaker that runs its work, maybe inside of another's. */
interface Run {
  readonly breaker: object;
  readonly outer: Run | undefined;
}

/**
 * Follows the circuit breakers of opossum and cockatiel: the classes themselves, so that a
 * host's functions are called as they were. A breaker belongs to the provider that its work
 * was last seen to call; one whose work calls none is left alone.
 */
export function followCircuitBreakers(
  runtime: Runtime,
  onAttachment: OnAttachment,
): CircuitBreakers {
  const running = new AsyncLocalStorage<Run>();
  const providers = new WeakMap<object, string>();
  const patched = new Map<object, () => void>();

  const patch = (library: Library, exports: unknown): void => {
    const prototype = prototypeOf(library.classIn(Object(exports) as Record<string, unknown>));
    if (prototype === undefined || patched.has(prototype)) return;
    if (prototype[library.run] === undefined || prototype[OPEN] === undefined) return;
    const followRun = (run: Method): Method =>
      function (...args) {
        const outer = running.getStore();
        return running.run({ breaker: Object(this) as object, outer }, () => run.apply(this, args));
      };
    const followOpen = (open: Method): Method =>
      function (...args) {
        const breaker = Object(this) as object;
        const wasOpen = library.isOpen(breaker);
        const result = open.apply(this, args);
        if (!wasOpen && library.isOpen(breaker)) opened(breaker);
        return result;
      };
    const undo = [
      replaceMethod(prototype, library.run, followRun),
      replaceMethod(prototype, OPEN, followOpen),
    ];
    patched.set(prototype, () => {
      for (const off of undo) off();
    });
    onAttachment({ target: library.name, attached: true });
  };
  const opened = (breaker: object): void => {
    const provider = providers.get(breaker);
    // After its listeners, one of which may report it.
    if (provider === undefined || runtime.reportedByHost.has('circuit')) return;
    guard(runtime, () => {
      recordCircuitOpened(runtime, provider);
    });
  };
  let hasLooked = false;
  const look = (): void => {
    if (hasLooked) return;
    hasLooked = true;
    for (const library of LIBRARIES) void patchInstalled(library, patch);
  };
  return {
    called(provider) {
      for (let run = running.getStore(); run !== undefined; run = run.outer) {
        providers.set(run.breaker, provider);
      }
      look();
    },
    onLoaded(request, exports) {
      const name = LOADED.exec(request)?.[1];
      const library = LIBRARIES.find((candidate) => candidate.name === name);
      if (library !== undefined) patch(library, exports);
    },
    look,
    stop() {
      for (const restore of patched.values()) restore();
    },
  };
}

type Patch = (library: Library, exports: unknown) => void;
const LOADED = new RegExp(
  `(?:^|[\\\\/]node_modules[\\\\/])(${LIBRARIES.map(({ name }) => name).join('|')})(?:$|[\\\\/])`,
);

/**
 * What no hook shows that can be had without a loader thread: ES modules (cockatiel 4), and in
 * the first releases of Node 20 whatever ES modules import. Where the host's main module has
 * the library installed, importing the same file gives the very classes that the host has.
 */
async function patchInstalled(library: Library, patch: Patch): Promise<void> {
  try {
    const require = createRequire(process.argv[1] ?? path.join(process.cwd(), 'index.js'));
    const file = require.resolve(library.name);
    patch(library, require.cache[file]?.exports ?? (await import(pathToFileURL(file).href)));
  } catch {
    // It is not installed, or not for this kind of module.
  }
}

function prototypeOf(value: unknown): Prototype | undefined {
  return typeof value === 'function' ? (value.prototype as Prototype) : undefined;
}
