// Express with express-prom-bundle and pino-http.
const http = require('node:http');
const express = require('express');
const promBundle = require('express-prom-bundle');
const pinoHttp = require('pino-http');
const { register } = require('prom-client');
const { createDestination, PINO_HTTP } = require('../lib/pino-line.cjs');
const { BUCKETS, countRequest } = require('../lib/prom-metrics.cjs');
const { BODY, nextTenant, ROUTE, serve } = require('../lib/serve.cjs');

const app = express();
app.use(
  promBundle({
    includeMethod: true,
    includePath: true,
    includeUp: false,
    autoregister: false,
    buckets: BUCKETS,
  }),
);
app.use(pinoHttp(PINO_HTTP, createDestination()));
app.get('/bench', (request, response) => {
  request.tenant = nextTenant();
  countRequest({ tenant: request.tenant, route: ROUTE, response });
  response.json(BODY);
});
serve(http.createServer(app), () => register.metrics());
