// Fastify under the preload.
const { request } = require(process.env.BENCH_OURS);
const { BODY, nextTenant, ROUTE } = require('../lib/serve.cjs');
const { serveFastify } = require('../lib/serve-fastify.cjs');

const app = require('fastify')();
app.get('/bench', () => request.run({ route: ROUTE, tenant: nextTenant() }, () => BODY));
serveFastify(app);
