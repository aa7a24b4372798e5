// Clients that hold streams open and read what comes.
const net = require('node:net');
const { once } = require('node:events');
const { answers } = require('../lib/answers.cjs');

const TOGETHER = 100;
const held = [];

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET /events HTTP/1.1\r\nHost: bench\r\n\r\n');
  await once(socket, 'data');
  socket.resume();
  held.push(socket);
}

answers({
  async hold({ port, count }) {
    while (held.length < count) {
      const more = Math.min(TOGETHER, count - held.length);
      await Promise.all(Array.from({ length: more }, () => connect(port)));
    }
  },
});
