// What the scrapes are of: every tenant has been on every route once.
const http = require('node:http');
const { answers } = require('./answers.cjs');
const { performance } = require('node:perf_hooks');

const ROUTES = ['orchestrate', 'messages', 'agent_chat'];

/**
 * @param {object} stack
 * @param {(request: { tenant: string, route: string }) => void} stack.record
 * @param {(onPiece: (piece: string | Buffer) => void) => Promise<unknown>} stack.render the
 *   whole text, in one piece or more, without a network
 * @param {() => string} stack.metricsUrl
 */
exports.series = function series({ record, render, metricsUrl }) {
  const ping = http.createServer((_request, response) => response.end('pong'));
  // A block of some seconds must not look like an idle connection.
  ping.keepAliveTimeout = 60_000;
  ping.listen(0, '127.0.0.1');
  answers({
    pingUrl: () => `http://127.0.0.1:${ping.address().port}/`,
    fill(tenants) {
      for (let i = 0; i < tenants; i++) {
        for (const route of ROUTES) record({ tenant: `tenant-${i}`, route });
      }
    },
    /** A piece holds until the next one comes, as for a socket: none is kept. */
    async render(times) {
      const ms = [];
      for (let i = 0; i < times; i++) {
        const before = performance.now();
        await render(() => {});
        ms.push(performance.now() - before);
      }
      return ms;
    },
    /** Once more, to count. */
    async countSamples() {
      let samples = 0;
      await render((piece) => {
        samples += samplesIn(piece);
      });
      return samples;
    },
    metricsUrl,
  });
};

/**
 * The samples of tenants in a piece of a page. Looks without making anything: what a check
 * leaves behind would be measured as the stack's.
 */
function samplesIn(piece) {
  let samples = 0;
  for (let at = -1; (at = piece.indexOf(LABEL, at + 1)) !== -1;) samples++;
  return samples;
}

/** A sample has it once. */
const LABEL = 'tenant="';
