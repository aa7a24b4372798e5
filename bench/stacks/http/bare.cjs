// The host alone.
const http = require('node:http');
const { answer, nextTenant, serve } = require('../lib/serve.cjs');

const server = http.createServer((_request, response) => {
  nextTenant();
  answer(response);
});
serve(server);
