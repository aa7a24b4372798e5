// Requests and responses of HTTP/1.1 whose socket takes everything and sends nothing.
const { IncomingMessage, ServerResponse } = require('node:http');
const { Duplex } = require('node:stream');

/** @param {{ method: string, url: string, onBytes?: (bytes: Buffer) => void }} options */
exports.createExchange = function createExchange({ method, url, onBytes }) {
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      onBytes?.(chunk);
      done();
    },
  });
  const request = new IncomingMessage(socket);
  Object.assign(request, { method, url, httpVersionMajor: 1, httpVersionMinor: 1 });
  request.httpVersion = '1.1';
  request.complete = true;
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  // What a server does with a response of its own.
  socket.on('drain', () => response.emit('drain'));
  response.once('finish', () => {
    response.detachSocket(socket);
    process.nextTick(() => response.emit('close'));
  });
  return { request, response };
};
