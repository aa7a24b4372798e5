// Fastify with fastify-metrics and its own logger, one line a request.
const { randomUUID } = require('node:crypto');
const fastifyMetrics = require('fastify-metrics');
const { createDestination } = require('../lib/pino-line.cjs');
const { BUCKETS, countRequest } = require('../lib/prom-metrics.cjs');
const { BODY, nextTenant, ROUTE } = require('../lib/serve.cjs');
const { serveFastify } = require('../lib/serve-fastify.cjs');
const { register } = require('prom-client');

const app = require('fastify')({
  logger: { stream: createDestination() },
  // Its own are two lines a request.
  disableRequestLogging: true,
  genReqId: () => randomUUID(),
});
app.register(fastifyMetrics.default ?? fastifyMetrics, {
  endpoint: null,
  defaultMetrics: { enabled: false },
  routeMetrics: {
    overrides: { histogram: { buckets: BUCKETS } },
    enabled: { histogram: true, summary: false },
  },
  promClient: require('prom-client'),
});
app.decorateRequest('tenant', '');
app.addHook('onRequest', (request, reply, done) => {
  reply.header('X-Request-Id', request.id);
  done();
});
app.addHook('onResponse', (request, reply, done) => {
  const { id, method, url, tenant } = request;
  const durMs = Math.round(reply.elapsedTime);
  request.log.info({ id, method, url, status: reply.statusCode, durMs, tenant }, 'request');
  done();
});
// The plugin's hooks see routes that are added after it.
app.after(() => {
  app.get('/bench', (request, reply) => {
    request.tenant = nextTenant();
    countRequest({ tenant: request.tenant, route: ROUTE, response: reply.raw });
    return BODY;
  });
});
serveFastify(app, () => register.metrics());
