// Express alone.
const http = require('node:http');
const express = require('express');
const { BODY, nextTenant, serve } = require('../lib/serve.cjs');

const app = express();
app.get('/bench', (_request, response) => {
  nextTenant();
  response.json(BODY);
});
serve(http.createServer(app));
