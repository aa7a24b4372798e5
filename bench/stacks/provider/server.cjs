// A model provider that answers twenty chunks, each a write of its own.
const http = require('node:http');
const { once } = require('node:events');
const { constants, createGzip } = require('node:zlib');
const { answers } = require('../lib/answers.cjs');

const CHUNKS = 20;
const chunk = (fields) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-4o-mini',
    ...fields,
  })}\n\n`;
const word = { choices: [{ index: 0, delta: { content: 'several words ' }, finish_reason: null }] };
const PLAIN = [
  ...Array.from({ length: CHUNKS - 2 }, () => chunk(word)),
  chunk({
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  }),
  'data: [DONE]\n\n',
].map((text) => Buffer.from(text));

/** The same, each chunk flushed, as servers compress streams. */
async function compressed() {
  const gzip = createGzip();
  const pieces = [];
  let parts = [];
  gzip.on('data', (part) => parts.push(part));
  for (const [i, text] of PLAIN.entries()) {
    gzip.write(text);
    if (i < CHUNKS - 1) await new Promise((done) => gzip.flush(constants.Z_SYNC_FLUSH, done));
    else await once(gzip.end(), 'end');
    pieces.push(Buffer.concat(parts));
    parts = [];
  }
  return pieces;
}

/** By the header `x-answer`; an answer of bytes is one that nobody has to read. */
async function createAnswers() {
  const type = (contentType) => ({ 'Content-Type': contentType });
  return {
    plain: { headers: type('text/event-stream'), pieces: PLAIN },
    unread: { headers: type('application/octet-stream'), pieces: PLAIN },
    gzip: {
      headers: { ...type('text/event-stream'), 'Content-Encoding': 'gzip' },
      pieces: await compressed(),
    },
  };
}

const kinds = createAnswers();
const server = http.createServer(async (request, response) => {
  const { headers, pieces } = (await kinds)[request.headers['x-answer']];
  request.resume();
  await once(request, 'end');
  response.writeHead(200, headers);
  let next = 0;
  const send = () => {
    response.write(pieces[next++]);
    if (next < pieces.length) setImmediate(send);
    else response.end();
  };
  send();
});

answers({
  async ready() {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { url: `http://127.0.0.1:${server.address().port}/v1/chat/completions` };
  },
});
