// The access line of ended server spans, which the SDK made beforehand.
const { SpanKind } = require('@opentelemetry/api');
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { createAgentTelemetry } = require(process.env.BENCH_OURS);
const { writesLines } = require('../lib/line-writer.cjs');
const { NOTHING } = require('../lib/no-processor.cjs');

const agent = createAgentTelemetry({ dialect: 'wasmrun' });
agent.start();

const spans = [];
const provider = new NodeTracerProvider({
  spanProcessors: [{ ...NOTHING, onEnd: (span) => spans.push(span) }],
});
const tracer = provider.getTracer('bench');
for (let i = 0; i < 100; i++) {
  const attributes = {
    'http.request.method': 'POST',
    'url.path': '/v1/messages',
    'http.response.status_code': 200,
    'agent.tenant.id': `tenant-${i}`,
  };
  tracer.startSpan('POST', { kind: SpanKind.SERVER, attributes }).end();
}
const [accessLine] = agent.spanProcessors;
writesLines((i) => accessLine.onEnd(spans[i % spans.length]));
