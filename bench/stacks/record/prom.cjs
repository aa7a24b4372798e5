// prom-client, labels by name at each event or (BENCH_BOUND) a child that is held.
const { Counter, register } = require('prom-client');
const { records } = require('../lib/record.cjs');

const counter = new Counter({
  name: 'rate_limited_total',
  help: 'Requests that the limiter refused.',
  labelNames: ['tenant', 'reason'],
});
const scrape = () => register.metrics();

records(process.env.BENCH_BOUND === undefined ? byName : bound);

function byName(tenants) {
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        counter.inc({ tenant: tenants[at], reason: 'rate_limit' });
        if (++at === tenants.length) at = 0;
      }
    },
    scrape,
  };
}

function bound(tenants) {
  const children = tenants.map((tenant) => counter.labels(tenant, 'rate_limit'));
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        children[at].inc();
        if (++at === children.length) at = 0;
      }
    },
    scrape,
  };
}
