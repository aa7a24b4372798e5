// Streams of server-sent events in one process: those that the server announced, which the
// preload follows, and those that nobody announced. Their sockets take everything.
const http = require('node:http');
const { once } = require('node:events');
const { performance } = require('node:perf_hooks');
const { setImmediate: turn } = require('node:timers/promises');
const { answers } = require('../lib/answers.cjs');
const { createExchange } = require('../lib/sink-response.cjs');

const EVENT = `data: ${'x'.repeat(192)}\n\n`;
/** Writes of one turn of the event loop, as when a model's chunk becomes a few events. */
const TOGETHER = 10;
const TURNS = 100;

let streaming;
const server = http.createServer((_request, response) => {
  streaming = response;
});

function open(announced) {
  const { request, response } = createExchange({ method: 'POST', url: '/api/sessions/s/messages' });
  if (announced) server.emit('request', request, response);
  else streaming = response;
  streaming.writeHead(200, { 'Content-Type': 'text/event-stream' });
  return streaming;
}

/** Nanoseconds of one write, the turns of the loop included. */
async function block(announced) {
  const response = open(announced);
  const before = performance.now();
  for (let i = 0; i < TURNS; i++) {
    for (let j = 0; j < TOGETHER; j++) response.write(EVENT);
    await turn();
  }
  const ms = performance.now() - before;
  response.end();
  await turn();
  return (ms * 1e6) / (TURNS * TOGETHER);
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

answers({
  async ready() {
    // A preload settles when its host first listens.
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { eventBytes: EVENT.length };
  },
  /** The two in turn, and the median of the differences of neighbours. */
  async measure(pairs) {
    const alone = [];
    const differences = [];
    for (let i = 0; i < pairs; i++) {
      const first = i % 2 === 0;
      const a = await block(first);
      const b = await block(!first);
      if (i < pairs / 4) continue;
      alone.push(first ? b : a);
      differences.push(first ? a - b : b - a);
    }
    return { write: median(alone), difference: median(differences) };
  },
});
