// The loop around what is recorded: the tenants in turn, and which metrics show the outcome. It
// listens like any host, which is when a preload settles.
const http = require('node:http');
const { once } = require('node:events');
const { answers } = require('./answers.cjs');
const { perOperation } = require('./per-operation.cjs');

/** @param {(tenants: readonly string[]) => { loop: (times: number) => void, scrape: () => Promise<string> }} prepare */
exports.records = function records(prepare) {
  let scrape;
  const server = http.createServer().listen(0, '127.0.0.1');
  answers({
    async ready() {
      if (!server.listening) await once(server, 'listening');
    },
    measure(count) {
      const tenants = Array.from({ length: count }, (_, i) => `tenant-${i}`);
      const prepared = prepare(tenants);
      scrape = prepared.scrape;
      return perOperation(prepared.loop);
    },
    scrape: () => scrape(),
  });
};
