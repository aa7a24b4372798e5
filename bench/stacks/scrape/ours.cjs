// The documented page of arbiter, by the admin listener and by the host's own router.
const { once } = require('node:events');
const { createAgentTelemetry, request } = require(process.env.BENCH_OURS);
const { series } = require('../lib/series.cjs');
const { createExchange } = require('../lib/sink-response.cjs');

const agent = createAgentTelemetry({ dialect: 'arbiter' });
agent.start();
agent.openAdminListener();

series({
  record: ({ tenant, route }) => request.start({ tenant, route }).end(),
  async render(onPiece) {
    const { request: incoming, response } = createExchange({
      method: 'GET',
      url: '/v1/metrics',
      onBytes: onPiece,
    });
    const finished = once(response, 'finish');
    if (!agent.handle(incoming, response)) throw new Error('the page was not answered');
    await finished;
  },
  metricsUrl: () => `http://127.0.0.1:${process.env.OTEL_EXPORTER_PROMETHEUS_PORT}/v1/metrics`,
});
