// node --require agent-otel/register; span, header, line and histogram come by themselves.
const http = require('node:http');
const { request } = require(process.env.BENCH_OURS);
const { answer, nextTenant, ROUTE, serve } = require('../lib/serve.cjs');

const server = http.createServer((_incoming, response) => {
  request.run({ route: ROUTE, tenant: nextTenant() }, () => answer(response));
});
serve(server);
