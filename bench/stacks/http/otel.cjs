// A host that uses the OpenTelemetry API; the SDK and the HTTP instrumentation are preloaded.
const http = require('node:http');
const { metrics, trace } = require('@opentelemetry/api');
const pino = require('pino');
const { createDestination } = require('../lib/pino-line.cjs');
const { answer, nextTenant, ROUTE, serve } = require('../lib/serve.cjs');

const log = pino(createDestination());
const meter = metrics.getMeter('host');
const started = meter.createCounter('requests_started');
const completed = meter.createCounter('requests_completed');
const inFlight = meter.createUpDownCounter('requests_in_flight');

const server = http.createServer((request, response) => {
  const startedAt = performance.now();
  const tenant = nextTenant();
  const id = trace.getActiveSpan().spanContext().spanId;
  response.setHeader('X-Request-Id', id);
  started.add(1, { tenant, route: ROUTE });
  inFlight.add(1, { tenant });
  response.once('finish', () => {
    inFlight.add(-1, { tenant });
    completed.add(1, { tenant, route: ROUTE, ok: 'true' });
    const durMs = Math.round(performance.now() - startedAt);
    const { method, url } = request;
    log.info({ id, method, url, status: response.statusCode, durMs, tenant }, 'request');
  });
  answer(response);
});
serve(server);
