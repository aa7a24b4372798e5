// The usual set-up of OpenTelemetry's SDK for outgoing calls over fetch.
const { metrics } = require('@opentelemetry/api');
const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { NOTHING } = require('../lib/no-processor.cjs');

new NodeTracerProvider({ spanProcessors: [NOTHING] }).register();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter()] }));
registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
