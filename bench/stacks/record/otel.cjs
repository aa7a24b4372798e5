// A counter of OpenTelemetry's SDK.
const { meter, render } = require('../lib/otel-meter.cjs');
const { records } = require('../lib/record.cjs');

const counter = meter.createCounter('rate_limited');

records((tenants) => {
  let at = 0;
  return {
    loop(times) {
      for (let i = 0; i < times; i++) {
        counter.add(1, { tenant: tenants[at], reason: 'rate_limit' });
        if (++at === tenants.length) at = 0;
      }
    },
    scrape: render,
  };
});
