import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { exec, request as requestEvents, type ApiKeys } from 'agent-otel';
import {
  createSession,
  deleteSession,
  execute,
  putFile,
  type Call,
  type Services,
} from './handlers.js';
import { answerError, HttpError, limitLinger, pathOf } from './http.js';

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: (call: Call) => Promise<void>;
}

const ROUTES: readonly Route[] = [
  { method: 'POST', pattern: /^\/api\/v1\/sessions$/, handle: createSession },
  { method: 'DELETE', pattern: /^\/api\/v1\/sessions\/([^/]+)$/, handle: deleteSession },
  { method: 'POST', pattern: /^\/api\/v1\/sessions\/([^/]+)\/exec$/, handle: execute },
  { method: 'PUT', pattern: /^\/api\/v1\/sessions\/([^/]+)\/files\/(.*)$/s, handle: putFile },
];

export function createRequestListener(services: Services): RequestListener {
  return (request, response) => {
    limitLinger(request, response);
    dispatch(services, request, response).catch((error: unknown) => {
      answerError(response, error);
    });
  };
}

async function dispatch(
  services: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  if (!path.startsWith('/api/v1/')) throw new HttpError(404, 'no such route');
  const tenant = authenticate(services.keys, request);
  const routes = ROUTES.filter(({ pattern }) => pattern.test(path));
  if (routes.length === 0) throw new HttpError(404, 'no such route');
  const route = routes.find(({ method }) => method === request.method);
  if (route === undefined) {
    const allowed = routes.map(({ method }) => method).join(', ');
    throw new HttpError(405, 'method not allowed', { Allow: allowed });
  }
  const [, id = '', file = ''] = route.pattern.exec(path) ?? [];
  await route.handle({ ...services, request, response, tenant, id, file });
}

function authenticate(keys: ApiKeys | undefined, request: IncomingMessage): string | undefined {
  if (keys === undefined) return undefined;
  const tenant = keys.tenantOf(request.headers.authorization);
  if (tenant === undefined) {
    exec.rejected('unauthorized');
    throw new HttpError(401, 'an API key is required', { 'WWW-Authenticate': 'Bearer' });
  }
  requestEvents.identified({ tenant });
  return tenant;
}
