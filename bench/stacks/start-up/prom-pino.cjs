// prom-client and pino-http, set up as a host does at its start.
const pinoHttp = require('pino-http');
const { createDestination, PINO_HTTP } = require('../lib/pino-line.cjs');
const { createDuration } = require('../lib/prom-metrics.cjs');

pinoHttp(PINO_HTTP, createDestination());
createDuration();
