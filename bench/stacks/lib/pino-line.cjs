// One line for each request, with what ours has in its access line.
const { randomUUID } = require('node:crypto');
const pino = require('pino');

/**
 * Standard error as pino writes it when nobody says how (from a thread, whatever has come), in
 * the call itself, or gathered as its documents advise for speed.
 */
const DESTINATIONS = {
  default: { dest: 2 },
  sync: { dest: 2, sync: true },
  async: { dest: 2, sync: false, minLength: 4096 },
};

exports.createDestination = () =>
  pino.destination(DESTINATIONS[process.env.BENCH_LOG ?? 'default']);

/** Options of pino-http: the id goes out as a header, request and response in short. */
exports.PINO_HTTP = {
  genReqId(_request, response) {
    const id = randomUUID();
    response.setHeader('X-Request-Id', id);
    return id;
  },
  serializers: {
    req: ({ id, method, url }) => ({ id, method, url }),
    res: ({ statusCode }) => ({ statusCode }),
  },
  customProps: ({ tenant }) => ({ tenant }),
};
