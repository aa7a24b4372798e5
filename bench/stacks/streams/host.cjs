// A server that holds streams of server-sent events open and sends to all of them.
const http = require('node:http');
const { setImmediate: turn } = require('node:timers/promises');
const { answers } = require('../lib/answers.cjs');

const EVENT = `data: ${'x'.repeat(192)}\n\n`;
const open = new Set();

const server = http.createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(EVENT);
  open.add(response);
  response.once('close', () => open.delete(response));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });

answers({
  url: () => ({ port: server.address().port }),
  open: () => open.size,
  /** Microseconds of processor time for one event to one stream. */
  async send(times) {
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) {
      for (const response of open) response.write(EVENT);
      await turn();
    }
    // What sockets have not taken yet is sent before the clock stops.
    while ([...open].some((response) => response.writableLength > 0)) await turn();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (times * open.size);
  },
});
