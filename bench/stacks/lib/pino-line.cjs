// One line for each request, with what ours has in its access line.
const { randomUUID } = require('node:crypto');
const pino = require('pino');

/** Standard error: written at once, or (as pino's documents advise for speed) gathered. */
exports.createDestination = () =>
  process.env.BENCH_LOG === 'async'
    ? pino.destination({ dest: 2, sync: false, minLength: 4096 })
    : pino.destination(2);

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
