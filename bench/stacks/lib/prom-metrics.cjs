// The metrics of a host that uses prom-client: those that ours has of the same requests.
const { Counter, Gauge, Histogram } = require('prom-client');

exports.BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

exports.createDuration = () =>
  new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: exports.BUCKETS,
  });

const started = new Counter({
  name: 'requests_started_total',
  help: 'Requests that were admitted.',
  labelNames: ['tenant', 'route'],
});
const completed = new Counter({
  name: 'requests_completed_total',
  help: 'Requests that ended.',
  labelNames: ['tenant', 'route', 'ok'],
});
const inFlight = new Gauge({
  name: 'requests_in_flight',
  help: 'Requests that are under way.',
  labelNames: ['tenant'],
});

/** Counts a request from here until its response has been sent. */
exports.countRequest = function countRequest({ tenant, route, response }) {
  started.inc({ tenant, route });
  inFlight.inc({ tenant });
  response.once('finish', () => {
    inFlight.dec({ tenant });
    completed.inc({ tenant, route, ok: 'true' });
  });
};
