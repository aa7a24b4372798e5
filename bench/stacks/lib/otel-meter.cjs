// OpenTelemetry's SDK with the stock exporter, and no limit below what is measured.
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');

const exporter = new PrometheusExporter();
const provider = new MeterProvider({
  readers: [exporter],
  // The default is 2,000 attribute sets.
  views: [{ instrumentName: '*', aggregationCardinalityLimit: 1_000_000 }],
});
exports.meter = provider.getMeter('host');
exports.metricsUrl = `http://127.0.0.1:${process.env.OTEL_EXPORTER_PROMETHEUS_PORT}/metrics`;

/** What the exporter answers, without HTTP. */
exports.render = async function render() {
  const { resourceMetrics } = await exporter.collect();
  return exporter._serializer.serialize(resourceMetrics);
};
