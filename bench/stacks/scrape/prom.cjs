// prom-client with the same families.
const http = require('node:http');
const { Counter, Gauge, register } = require('prom-client');
const { series } = require('../lib/series.cjs');

const counter = (name, labelNames) => new Counter({ name, help: name, labelNames });
const started = counter('requests_started_total', ['tenant', 'route']);
const completed = counter('requests_completed_total', ['tenant', 'route', 'ok']);
const duration = counter('request_duration_ms_sum', ['tenant', 'route']);
const inFlight = new Gauge({ name: 'in_flight', help: 'in_flight', labelNames: ['tenant'] });

const server = http.createServer(async (_request, response) => {
  response.setHeader('Content-Type', register.contentType);
  response.end(await register.metrics());
});
server.listen(0, '127.0.0.1');

series({
  record({ tenant, route }) {
    started.inc({ tenant, route });
    inFlight.inc({ tenant });
    inFlight.dec({ tenant });
    completed.inc({ tenant, route, ok: 'true' });
    duration.inc({ tenant, route }, 1);
  },
  render: async (onPiece) => onPiece(await register.metrics()),
  metricsUrl: () => `http://127.0.0.1:${server.address().port}/metrics`,
});
