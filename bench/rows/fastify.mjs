import { FASTIFY_PEER, fastifyStacks } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'fastify',
  title: 'Request through Fastify 5, synchronous handler, `always_off`',
  work: `${REQUEST_WORK}, through Fastify 5 with one route.`,
  run: requestRow({ stacks: fastifyStacks, targets: [{ peer: FASTIFY_PEER, atMost: 0.6 }] }),
};
