import type { IncomingMessage, ServerResponse } from 'node:http';
import { lazyRequire } from '../../../lazy-require.js';
import { guard, type Runtime } from '../../../events/runtime.js';
import type { Patches } from './patches.js';

/** Koa's application class; it makes a context for every request. */
const APPLICATION = /[\\/]koa[\\/]lib[\\/]application\.js$/;

interface Context {
  /** Set by @koa/router and koa-router: the matched route, with the prefixes of all routers. */
  readonly _matchedRoute?: unknown;
}
type CreateContext = (this: unknown, request: IncomingMessage, response: Answered) => Context;

/** Nothing of Koa's own leads from a response to the context of it. */
const CONTEXT = Symbol('agent-otel.koa-context');
type Answered = ServerResponse & { [CONTEXT]?: Context };

export function koaRoute(response: Answered): string | undefined {
  const matched = response[CONTEXT]?._matchedRoute;
  return typeof matched === 'string' || matched instanceof RegExp ? String(matched) : undefined;
}

/**
 * Patches the copies of Koa that are loaded by now. Koa is a CommonJS
 * module for every host, and looks the function up at each request.
 */
export function followKoa(runtime: Runtime, patches: Patches): void {
  for (const [file, module] of Object.entries(lazyRequire.cache)) {
    if (!APPLICATION.test(file)) continue;
    const prototype = (
      module?.exports as { prototype?: { createContext?: CreateContext } } | undefined
    )?.prototype;
    const original = prototype?.createContext;
    if (prototype === undefined || original === undefined) {
      // While it is being loaded it has nothing yet.
      if (module?.loaded === true) {
        patches.refused({ target: 'Koa', file, note: 'its application makes no context' });
      }
      continue;
    }
    if (patches.has(prototype)) continue;
    const createContext: CreateContext = function (request, response) {
      const context = original.call(this, request, response);
      guard(runtime, () => (response[CONTEXT] = context));
      return context;
    };
    prototype.createContext = createContext;
    patches.add(prototype, {
      target: 'Koa',
      file,
      restore: () => {
        if (prototype.createContext === createContext) prototype.createContext = original;
      },
    });
  }
}
