// Express under the preload.
const http = require('node:http');
const express = require('express');
const { request } = require(process.env.BENCH_OURS);
const { BODY, nextTenant, ROUTE, serve } = require('../lib/serve.cjs');

const app = express();
app.get('/bench', (_incoming, response) => {
  request.run({ route: ROUTE, tenant: nextTenant() }, () => {
    response.json(BODY);
  });
});
serve(http.createServer(app));
