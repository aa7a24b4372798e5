import type { IncomingMessage, ServerResponse } from 'node:http';
import { lazyRequire } from '../../../lazy-require.js';

/** Koa's application class; it makes a context for every request. */
const APPLICATION = /[\\/]koa[\\/]lib[\\/]application\.js$/;

interface Context {
  /** Set by @koa/router and koa-router: the matched route, with the prefixes of all routers. */
  readonly _matchedRoute?: unknown;
}
type CreateContext = (this: unknown, request: IncomingMessage, response: ServerResponse) => Context;

/** Nothing leads from a response to Koa's context of it. */
const contexts = new WeakMap<ServerResponse, Context>();

export function koaRoute(response: ServerResponse): string | undefined {
  const matched = contexts.get(response)?._matchedRoute;
  return typeof matched === 'string' || matched instanceof RegExp ? String(matched) : undefined;
}

/**
 * Patches the copies of Koa that are loaded by now and adds what undoes it. Koa is a CommonJS
 * module for every host, and looks the function up at each request.
 */
export function followKoa(patched: Map<object, () => void>): void {
  for (const [file, module] of Object.entries(lazyRequire.cache)) {
    if (!APPLICATION.test(file)) continue;
    const prototype = (
      module?.exports as { prototype?: { createContext?: CreateContext } } | undefined
    )?.prototype;
    const original = prototype?.createContext;
    if (prototype === undefined || original === undefined || patched.has(prototype)) continue;
    const createContext: CreateContext = function (request, response) {
      const context = original.call(this, request, response);
      contexts.set(response, context);
      return context;
    };
    prototype.createContext = createContext;
    patched.set(prototype, () => {
      if (prototype.createContext === createContext) prototype.createContext = original;
    });
  }
}
