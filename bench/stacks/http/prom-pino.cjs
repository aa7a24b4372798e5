// prom-client and pino-http in a plain server.
const http = require('node:http');
const pinoHttp = require('pino-http');
const { register } = require('prom-client');
const { createDestination, PINO_HTTP } = require('../lib/pino-line.cjs');
const { countRequest, createDuration } = require('../lib/prom-metrics.cjs');
const { answer, nextTenant, ROUTE, serve } = require('../lib/serve.cjs');

const log = pinoHttp(PINO_HTTP, createDestination());
const duration = createDuration();

const server = http.createServer((request, response) => {
  const end = duration.startTimer({ method: request.method, route: ROUTE });
  request.tenant = nextTenant();
  log(request, response);
  countRequest({ tenant: request.tenant, route: ROUTE, response });
  response.once('finish', () => end({ status: response.statusCode }));
  answer(response);
});
serve(server, () => register.metrics());
