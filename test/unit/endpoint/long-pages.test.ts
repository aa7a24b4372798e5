import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { ARBITER } from '../../../src/catalog/arbiter.js';
import type { Page, Pages } from '../../../src/endpoint/pages.js';
import { createRouter } from '../../../src/endpoint/router.js';
import type { Batch } from '../../../src/endpoint/write-all.js';
import { waitFor } from '../../support/wait.js';

const PIECE = Buffer.alloc(65_536, 'x');

/** A router with one page, behind a server; and the answer it is working on. */
async function serve(
  t: TestContext,
  body: () => Page['body'],
  onResponse: (response: ServerResponse) => void = () => undefined,
): Promise<{ port: number; problems: string[]; response: () => ServerResponse | undefined }> {
  const problems: string[] = [];
  const page = (): Promise<Page> => Promise.resolve({ contentType: 'text/plain', body: body() });
  const pages: Pages = { documented: page, health: page, everything: page };
  const router = createRouter({
    pages,
    surfaces: [ARBITER],
    keys: undefined,
    onAuthenticated: () => undefined,
    onUnauthorized: () => undefined,
    onProblem: (_, problem, error) => {
      problems.push(`${problem}: ${String(error)}`);
    },
  });
  let response: ServerResponse | undefined;
  const server = createServer((incoming, outgoing) => {
    response = outgoing;
    onResponse(outgoing);
    router.admin(incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, problems, response: () => response };
}

async function ask(port: number, options: RequestOptions = {}): Promise<IncomingMessage> {
  const asked = request({ port, host: '127.0.0.1', path: '/metrics', agent: false, ...options });
  asked.end();
  const [incoming] = (await once(asked, 'response')) as [IncomingMessage];
  return incoming;
}

/** Pieces that are made when they are asked for, and how many that were. */
function pieces(count: number): { made: () => number; left: () => boolean; body: Page['body'] } {
  let made = 0;
  let isOver = false;
  const body = async function* (): AsyncGenerator<Batch> {
    try {
      while (made < count) {
        made++;
        yield { pieces: [PIECE] };
        await nextTurn();
      }
    } finally {
      isOver = true;
    }
  };
  return { made: () => made, left: () => isOver, body: body() };
}

test('a long page has no length and all of its bytes', async (t) => {
  const { port, problems } = await serve(t, () => pieces(40).body);
  const incoming = await ask(port);
  assert.equal(incoming.headers['transfer-encoding'], 'chunked');
  assert.equal(incoming.headers['content-length'], undefined);
  assert.equal((await buffer(incoming)).length, 40 * PIECE.length);
  assert.deepEqual(problems, []);
});

test('a long page that is packed has the length of what is sent', async (t) => {
  const { port } = await serve(t, () => pieces(40).body);
  const incoming = await ask(port, { headers: { 'Accept-Encoding': 'gzip' } });
  const packed = await buffer(incoming);
  assert.equal(incoming.headers['content-length'], String(packed.length));
  assert.equal(gunzipSync(packed).length, 40 * PIECE.length);
});

test('a long page waits for who reads it slowly, and is not written meanwhile', async (t) => {
  const long = pieces(2_000);
  const { port } = await serve(t, () => long.body);
  const incoming = await ask(port);
  let before = -1;
  await waitFor(async () => {
    const stood = long.made() === before;
    before = long.made();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return stood;
  });
  assert.ok(long.made() < 1_000, String(long.made()));
  assert.equal((await buffer(incoming)).length, 2_000 * PIECE.length);
});

test('nothing more is written of a page whose reader has left, and nothing is said', async (t) => {
  const long = pieces(1_000_000);
  const { port, problems, response } = await serve(t, () => long.body);
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await waitFor(() => long.left());
  assert.ok(response()?.destroyed);
  assert.deepEqual(problems, []);
});

async function* broken(): AsyncGenerator<Batch> {
  yield { pieces: [PIECE] };
  await nextTurn();
  throw new Error('broken');
}

test('a page that fails on its way is cut off and reported', async (t) => {
  const { port, problems } = await serve(t, broken);
  const incoming = await ask(port);
  await assert.rejects(text(incoming), { code: 'ECONNRESET' });
  assert.deepEqual(problems, ['a page could not be rendered: Error: broken']);
});

test('one that fails while it is packed is answered 500 and reported', async (t) => {
  const { port, problems } = await serve(t, broken);
  const incoming = await ask(port, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(incoming.statusCode, 500);
  incoming.resume();
  assert.deepEqual(problems, ['a page could not be rendered: Error: broken']);
});

test('a host may end the response of a long page meanwhile, and nothing is said', async (t) => {
  const served = await serve(t, async function* () {
    yield { pieces: [PIECE] };
    await nextTurn();
    served.response()?.end();
    yield { pieces: [PIECE] };
  });
  const incoming = await ask(served.port);
  assert.equal((await buffer(incoming)).length, PIECE.length);
  assert.deepEqual(served.problems, []);
});

test('HEAD of a long page writes none of it', async (t) => {
  const long = pieces(40);
  const { port } = await serve(t, () => long.body);
  const incoming = await ask(port, { method: 'HEAD' });
  assert.equal(incoming.statusCode, 200);
  assert.equal((await buffer(incoming)).length, 0);
  assert.equal(long.made(), 0);
});

test('a long page arrives whole where a host’s middleware tells nobody when it has written', async (t) => {
  const { port } = await serve(
    t,
    () => pieces(40).body,
    (response) => {
      const write = response.write.bind(response) as (chunk: unknown) => boolean;
      response.write = (chunk: unknown) => write(chunk);
    },
  );
  assert.equal((await buffer(await ask(port))).length, 40 * PIECE.length);
});
