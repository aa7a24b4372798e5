import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentServerRequest } from '../../../events/server-request.js';
import { guard, type Runtime } from '../../../events/runtime.js';
import { lazyRequire } from '../../../lazy-require.js';
import type { Patches } from './patches.js';

/** The router that Hono takes unless it is told otherwise; a class of a module of its own. */
interface SmartRouter {
  match: (method: string, path: string) => MatchResult;
}
/** Handlers in their order, each with the route that it was added with. */
type MatchResult = readonly [handlers: readonly HandlerMatch[], ...rest: unknown[]];
type HandlerMatch = readonly [
  readonly [handler: unknown, route: { readonly method: string; readonly path: string }],
  ...rest: unknown[],
];
interface SmartRouterModule {
  readonly SmartRouter?: { readonly prototype: SmartRouter };
}

/**
 * Patches the router of the Hono that the host's main module finds. Hono keeps its routes to
 * itself but for the router, which it asks once for every request, in the request's context;
 * at the first request it binds what it asks, so that has to be patched by then.
 */
export function followHono(runtime: Runtime, patches: Patches): void {
  const [, main] = process.argv;
  if (main === undefined) return;
  let file: string;
  try {
    file = createRequire(main).resolve('hono/router/smart-router');
  } catch {
    return;
  }
  const loaded = file.replace(/index\.js$/, 'router.js');
  patchRouter(lazyRequire.cache[loaded]?.exports as SmartRouterModule | undefined);
  // As an ES module it is another instance, which only an import leads to.
  void import(pathToFileURL(file.replace(`${sep}cjs${sep}`, sep)).href).then(
    patchRouter,
    () => undefined,
  );

  function patchRouter(module: SmartRouterModule | undefined): void {
    const prototype = module?.SmartRouter?.prototype;
    if (prototype === undefined || patches.has(prototype)) return;
    const original = prototype.match;
    const match = function (this: SmartRouter, method: string, path: string): MatchResult {
      const result = original.call(this, method, path);
      // At its first request it puts the router that it has chosen in its own place.
      const chosen = this.match;
      if (chosen !== match) this.match = (...request) => noted(chosen(...request));
      return noted(result);
    };
    prototype.match = match;
    patches.add(prototype, {
      target: 'Hono',
      file,
      // It was looked for, not met: an ES module cannot be seen being loaded.
      note: 'installed',
      restore: () => {
        if (prototype.match === match) prototype.match = original;
      },
    });
  }

  function noted(result: MatchResult): MatchResult {
    guard(runtime, () => currentServerRequest(runtime)?.matched(routeIn(result)));
    return result;
  }
}

/** The first route that is no middleware: that one answers. */
function routeIn([handlers]: MatchResult): string | undefined {
  const routes = handlers.map(([[, route]]) => route);
  const answering =
    routes.find(({ method }) => method !== 'ALL') ?? routes.find(({ path }) => !path.endsWith('*'));
  return answering?.path;
}
