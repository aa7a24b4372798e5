// One event through the public API, under the preload.
const { request } = require(process.env.BENCH_OURS);
const { records } = require('../lib/record.cjs');

records((tenants) => {
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        request.rateLimited({ tenant: tenants[at], reason: 'rate_limit' });
        if (++at === tenants.length) at = 0;
      }
    },
    async scrape() {
      const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT;
      return (await fetch(`http://127.0.0.1:${port}/v1/metrics`)).text();
    },
  };
});
