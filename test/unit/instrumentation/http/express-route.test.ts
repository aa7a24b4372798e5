import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { expressRoute } from '../../../../src/instrumentation/http/routes/express.js';

type Handler = (request: IncomingMessage, response: { send(text: string): void }) => void;
interface Router {
  get(path: string | readonly string[], handler: Handler): this;
  use(path: string | readonly string[], router: Router): this;
}
const express = createRequire(import.meta.url)('express-5') as {
  (): Router & RequestListener;
  Router(): Router;
};
const answer =
  (text: string): Handler =>
  (_, response) => {
    response.send(text);
  };

/** Gives the routes of the requests that an application is asked, in their order. */
async function routesOf(
  t: TestContext,
  app: RequestListener,
  paths: readonly string[],
): Promise<(string | undefined)[]> {
  const routes: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    response.on('finish', () => routes.push(expressRoute(request)));
    app(request, response);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const path of paths) await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return routes;
}

test('a route has the same template at every request, whatever was asked before', async (t) => {
  const app = express();
  const inner = express.Router();
  inner.get('/items/:item', answer('item'));
  app.use('/shops/:shop', inner);
  app.use(['/a', '/b'], express.Router().get('/x', answer('x')));
  app.get('/users/:id', answer('user'));
  app.get(['/one', '/two'], answer('either'));
  const paths = [
    ...['/users/1', '/users/2?x=1', '/USERS/3'],
    ...['/shops/s/items/1', '/shops/t/items/2'],
    ...['/a/x', '/b/x', '/a/x'],
    ...['/one', '/two', '/nowhere'],
  ];
  assert.deepEqual(await routesOf(t, app, paths), [
    ...['/users/:id', '/users/:id', '/users/:id'],
    ...['/shops/:shop/items/:item', '/shops/:shop/items/:item'],
    ...['/a/x', '/b/x', '/a/x'],
    ...['/one,/two', '/one,/two', undefined],
  ]);
});

test('a router that two applications share is named by where each has it', async (t) => {
  const shared = express.Router();
  shared.get('/x', answer('x'));
  const first = express().use('/first', shared);
  const second = express().use('/second', shared);
  assert.deepEqual(await routesOf(t, first, ['/first/x', '/first/x']), ['/first/x', '/first/x']);
  assert.deepEqual(await routesOf(t, second, ['/second/x']), ['/second/x']);
});
