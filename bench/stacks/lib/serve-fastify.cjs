// Fastify makes its server itself, and has to be ready before that listens.
const { serve } = require('./serve.cjs');

exports.serveFastify = async function serveFastify(app, scrape) {
  await app.ready();
  serve(app.server, scrape);
};
