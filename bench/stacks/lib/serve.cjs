// What the HTTP hosts have in common: who asks, what is answered, where they listen.
const http = require('node:http');
const { once } = require('node:events');
const { answers } = require('./answers.cjs');

const AWAITS = Number(process.env.BENCH_AWAITS ?? 0);
const TENANTS = Array.from({ length: 100 }, (_, i) => `tenant-${i}`);
const BODY = { ok: true, text: 'x'.repeat(64) };
let turn = 0;

exports.ROUTE = 'messages';
exports.BODY = BODY;

/** A hundred tenants in turn, so that the load generator need not name them. */
exports.nextTenant = function nextTenant() {
  turn = turn === 99 ? 0 : turn + 1;
  return TENANTS[turn];
};

/** Answers at once, or after awaiting as many promises that are resolved already. */
exports.answer = AWAITS === 0 ? reply : answerLater;

function reply(response) {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(BODY));
}

async function answerLater(response) {
  for (let i = 0; i < AWAITS; i++) await null;
  reply(response);
}

/**
 * Listens, and tells the bench where.
 *
 * @param {import('node:http').Server} server
 * @param {() => Promise<string>} [scrape] what a stack without a listener of its own shows
 */
exports.serve = function serve(server, scrape) {
  const listening = Promise.all([listen(server), scrape && listen(metricsServer(scrape))]);
  answers({
    async ready() {
      const [port, metricsPort] = await listening;
      const own = process.env.OTEL_EXPORTER_PROMETHEUS_PORT;
      return {
        url: `http://127.0.0.1:${port}/bench`,
        metrics: `http://127.0.0.1:${metricsPort ?? own}/metrics`,
      };
    },
  });
};

function metricsServer(scrape) {
  return http.createServer(async (_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(await scrape());
  });
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}
