import type { IncomingMessage, ServerResponse } from 'node:http';
import { expressRoute } from './express.js';
import { koaRoute } from './koa.js';

/** The route that a framework has matched for a request, as a template; never its raw path. */
export function matchedRoute(
  request: IncomingMessage,
  response: ServerResponse,
): string | undefined {
  return expressRoute(request) ?? koaRoute(response);
}
