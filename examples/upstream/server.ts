// A local model upstream: enough of four documented HTTP APIs to stream from.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, failureIn } from './answer.js';
import { anthropic } from './anthropic.js';
import type { Api, Body, Failed } from './api.js';
import { gemini } from './gemini.js';
import { ollama } from './ollama.js';
import { openai } from './openai.js';

const APIS = [openai, anthropic, gemini, ollama];
const PIECE_INTERVAL_MS = 32;

const server = createServer((req, res) => {
  serve(req, res).catch(() => {
    res.destroy();
  });
});

server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  process.stdout.write(`upstream listening on ${url}\n`);
  process.send?.({ url });
});
// Whoever forked it holds the other end of the channel; without them it has no purpose.
process.on('disconnect', () => process.exit(0));

async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const [path = ''] = (req.url ?? '').split('?', 1);
  const api = req.method === 'POST' ? APIS.find((known) => known.path.test(path)) : undefined;
  if (api === undefined) {
    sendJson(res, { status: 404, body: { error: { message: 'no such route' } } });
    return;
  }
  const body = (await json(req).catch(() => undefined)) as Body | null | undefined;
  if (typeof body !== 'object' || body === null) {
    sendJson(res, { status: 400, body: { error: { message: 'not a JSON object' } } });
    return;
  }
  const id = randomUUID().replaceAll('-', '');
  if (api.idHeader !== undefined) res.setHeader(api.idHeader, `req_${id}`);

  const prompt = api.promptIn(body);
  const failure = failureIn(prompt);
  if (failure === 'reset') req.socket.destroy();
  else if (failure !== undefined)
    fail(res, failure === '429' ? api.rateLimited() : api.unavailable());
  else await stream(res, { api, id, body, prompt, path });
}

async function stream(
  res: ServerResponse,
  request: { api: Api; id: string; body: Body; prompt: string; path: string },
): Promise<void> {
  const { api, id, body, prompt, path } = request;
  const model =
    typeof body['model'] === 'string' ? body['model'] : /models\/([^:]+)/.exec(path)?.[1];
  const reply = { id, body, model: model ?? 'unknown', answer: answerTo(prompt) };
  res.writeHead(200, { 'content-type': api.contentType, 'cache-control': 'no-cache' });
  res.write(api.opening(reply));
  for (const text of reply.answer.pieces) {
    await sleep(PIECE_INTERVAL_MS);
    if (res.destroyed) return;
    res.write(api.piece(text, reply));
  }
  res.end(api.closing(reply));
}

function fail(res: ServerResponse, failed: Failed): void {
  // The official packages wait half a second and more unless they are told not to.
  res.setHeader('retry-after-ms', '50').setHeader('retry-after', '0');
  sendJson(res, failed);
}

function sendJson(res: ServerResponse, { status, body }: Failed): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}
