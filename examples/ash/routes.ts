import type { FastifyInstance } from 'fastify';
import { streamAnswer } from './messages.js';
import type { Sessions } from './sessions.js';

interface OneSession {
  Params: { id: string };
}

/** A body that is an object with this one string, and maybe more that nobody reads. */
const bodyWith = (name: string, maxLength: number): object => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'string', minLength: 1, maxLength } },
});

/** The session API. `/health` and `/metrics` are the preload's. */
export function addRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<{ Body: { agent: string } }>(
    '/api/sessions',
    { schema: { body: bodyWith('agent', 200) } },
    async (request, reply) => {
      const session = await sessions.create(request.body.agent);
      return reply.code(201).send({ session });
    },
  );

  app.get('/api/sessions', () => ({ sessions: sessions.list() }));

  app.get<OneSession>('/api/sessions/:id', ({ params }) => ({ session: sessions.get(params.id) }));

  app.delete<OneSession>('/api/sessions/:id', async ({ params }, reply) => {
    await sessions.delete(params.id);
    return reply.code(204).send();
  });

  app.post<OneSession>('/api/sessions/:id/pause', ({ params }) => ({
    session: sessions.pause(params.id),
  }));

  app.post<OneSession>('/api/sessions/:id/stop', async ({ params }) => ({
    session: await sessions.stop(params.id),
  }));

  app.post<OneSession>('/api/sessions/:id/resume', async ({ params }) => ({
    session: await sessions.resume(params.id),
  }));

  app.post<OneSession & { Body: { content: string } }>(
    '/api/sessions/:id/messages',
    { schema: { body: bodyWith('content', 32_768) } },
    async ({ params, body }, reply) => {
      await sessions.answering(params.id, async (sandbox) => {
        // From here on the response is a stream of events that Fastify keeps out of.
        reply.hijack();
        await streamAnswer({
          session: sessions.get(params.id),
          sandbox,
          content: body.content,
          response: reply.raw,
        });
      });
    },
  );
}
