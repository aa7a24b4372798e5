// The usual set-up of OpenTelemetry's SDK: traces, metrics for Prometheus, HTTP.
const { metrics } = require('@opentelemetry/api');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { NOTHING } = require('../lib/no-processor.cjs');

function createSpanProcessor() {
  if (process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT === undefined) return NOTHING;
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
  return new BatchSpanProcessor(new OTLPTraceExporter());
}

new NodeTracerProvider({ spanProcessors: [createSpanProcessor()] }).register();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter()] }));
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
