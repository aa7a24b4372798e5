// Fastify alone.
const { BODY, nextTenant } = require('../lib/serve.cjs');
const { serveFastify } = require('../lib/serve-fastify.cjs');

const app = require('fastify')();
app.get('/bench', () => {
  nextTenant();
  return BODY;
});
serveFastify(app);
