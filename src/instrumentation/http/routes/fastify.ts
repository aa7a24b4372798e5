import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { guard, type Runtime } from '../../../events/runtime.js';
import { exchangeOfRaw } from '../follower.js';

/** Published by Fastify 5 before it calls the handler of a matched route, and never for a 404. */
const CHANNEL = 'tracing:fastify.request.handler:start';

interface HandlerStart {
  readonly reply?: { readonly raw?: unknown };
  readonly route?: { readonly url?: unknown };
}

/** Listens to Fastify for the route of each request; returns the undo. */
export function followFastify(runtime: Runtime): () => void {
  const onStart = (message: unknown): void => {
    guard(runtime, () => {
      const { reply, route } = message as HandlerStart;
      if (typeof route?.url === 'string') exchangeOfRaw(reply?.raw)?.event.matched(route.url);
    });
  };
  subscribe(CHANNEL, onStart);
  return () => {
    unsubscribe(CHANNEL, onStart);
  };
}
