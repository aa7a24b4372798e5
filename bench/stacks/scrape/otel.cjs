// OpenTelemetry's SDK and its stock exporter with the same families.
const { meter, metricsUrl, render } = require('../lib/otel-meter.cjs');
const { series } = require('../lib/series.cjs');

const started = meter.createCounter('requests_started');
const completed = meter.createCounter('requests_completed');
const duration = meter.createCounter('request_duration_ms_sum');
const inFlight = meter.createUpDownCounter('in_flight');

series({
  record({ tenant, route }) {
    started.add(1, { tenant, route });
    inFlight.add(1, { tenant });
    inFlight.add(-1, { tenant });
    completed.add(1, { tenant, route, ok: 'true' });
    duration.add(1, { tenant, route });
  },
  render: async (onPiece) => onPiece(await render()),
  metricsUrl: () => metricsUrl,
});
