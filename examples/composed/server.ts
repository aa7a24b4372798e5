// A host that has an OpenTelemetry SDK of its own and puts agent-otel's parts into it. It
// runs without the preload: node build/examples/composed/server.js
import { createServer } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import { createAgentTelemetry, exec } from 'agent-otel';

const exports = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;
const agent = createAgentTelemetry({ dialect: 'wasmrun', inline: true });

const tracerProvider = new NodeTracerProvider({
  // One trace in ten is exported; every request has its line all the same.
  sampler: agent.recordingSampler(
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) }),
  ),
  spanProcessors: [
    ...agent.spanProcessors,
    ...(exports ? [new BatchSpanProcessor(new OTLPTraceExporter())] : []),
  ],
});
tracerProvider.register();

const meterProvider = new MeterProvider({
  readers: exports
    ? [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })]
    : [],
});
metrics.setGlobalMeterProvider(meterProvider);
agent.instrument(meterProvider);
agent.start();

const server = createServer((request, response) => {
  const square = exec.run({}, () => (request.url ?? '').length ** 2);
  response.end(`${square}\n`);
});
server.listen(Number(process.env['PORT'] ?? 8432), '127.0.0.1', () => {
  const address = server.address();
  console.log('listening on port', typeof address === 'object' ? address?.port : address);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    agent.stop();
    void Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  });
}
