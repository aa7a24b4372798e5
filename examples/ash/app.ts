import { fastify, type FastifyInstance } from 'fastify';
import { Refusal } from './refusal.js';

const BODY_LIMIT = 64 * 1024;
/** For a request to arrive; its answer may take as long as it likes. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Fastify set up so that whatever a client sends, it is answered in JSON. */
export function createApp(): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A streaming or idle client must not hold up the end of the server.
    forceCloseConnections: true,
    logger: { level: 'warn' },
    ajv: { customOptions: { coerceTypes: false } },
  });

  // This API speaks nothing but JSON, so every body is read as JSON, whatever it claims to be.
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body: string, done) => {
    // Clients name the content type even where they send no body, as in a pause.
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });

  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'no such route' }));

  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status === 500) request.log.error(error);
    const told = status !== 500 && error instanceof Error ? error.message : 'internal error';
    return reply.code(status).send({ error: told });
  });
  return app;
}

/** The status of a refusal or of one of Fastify's own errors. */
function statusOf(error: unknown): number {
  if (error instanceof Refusal) return error.statusCode;
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
