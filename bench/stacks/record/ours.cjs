// One event through the public API, under the preload: named at each event or (BENCH_BOUND) held.
const { request } = require(process.env.BENCH_OURS);
const { records } = require('../lib/record.cjs');

const scrape = async () => {
  const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT;
  return (await fetch(`http://127.0.0.1:${port}/v1/metrics`)).text();
};

records(process.env.BENCH_BOUND === undefined ? byName : held);

function byName(tenants) {
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        request.rateLimited({ tenant: tenants[at], reason: 'rate_limit' });
        if (++at === tenants.length) at = 0;
      }
    },
    scrape,
  };
}

function held(tenants) {
  const limiters = tenants.map((tenant) => request.limiter({ tenant, reason: 'rate_limit' }));
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        limiters[at].refused();
        if (++at === limiters.length) at = 0;
      }
    },
    scrape,
  };
}
