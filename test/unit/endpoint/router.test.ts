import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiKeys } from '../../../src/endpoint/api-keys.js';
import { golden } from '../../support/golden.js';
import { HOST_STATUS, serve } from './served.js';

const KEYS: ApiKeys = {
  tenantOf: (authorization) => (authorization === 'Bearer k1' ? 'acme' : undefined),
};
const WITH_KEY = { headers: { Authorization: 'Bearer k1' } };

const PAGES: readonly [string, string, string][] = [
  ['/api/v1/metrics', 'text/plain; version=0.0.4', 'wasmrun.fresh.txt'],
  ['/api/v1/metrics?format=json', 'application/json', 'wasmrun.fresh.json'],
  ['/api/v1/metrics?format=xml', 'text/plain; version=0.0.4', 'wasmrun.fresh.txt'],
  ['/v1/metrics', 'text/plain; version=0.0.4; charset=utf-8', 'arbiter.fresh.txt'],
  ['/v1/metrics?format=json', 'text/plain; version=0.0.4; charset=utf-8', 'arbiter.fresh.txt'],
  ['/health', 'application/json', 'ash.fresh.health.json'],
];

for (const side of ['admin', 'inline'] as const) {
  for (const [path, contentType, expected] of PAGES) {
    test(`${side}: ${path} answers 200, with the content type and body to the letter`, async (t) => {
      const { ask } = await serve(t, { side });
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], contentType);
      assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
      assert.equal(body, golden(expected));
    });
  }
}

test('inline /metrics is the ash document alone', async (t) => {
  const { ask } = await serve(t, { side: 'inline' });
  const { headers, body } = await ask('/metrics');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(body, golden('ash.fresh.txt'));
});

test('the admin listener’s /metrics is everything: the three documents, one after the other', async (t) => {
  const { ask } = await serve(t);
  const { headers, body } = await ask('/metrics');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  const documents = ['wasmrun', 'ash', 'arbiter'].map((name) => golden(`${name}.fresh.txt`));
  assert.equal(body, documents.join(''));
});

test('the admin listener’s /metrics speaks OpenMetrics to who asks for it', async (t) => {
  const { ask } = await serve(t);
  const { headers, body } = await ask('/metrics', {
    headers: { Accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' },
  });
  assert.equal(
    headers['content-type'],
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  assert.equal(body, golden('all.fresh.openmetrics.txt'));
});

test('a documented path speaks its documented format whatever is asked for', async (t) => {
  const { ask } = await serve(t);
  const { headers } = await ask('/v1/metrics', {
    headers: { Accept: 'application/openmetrics-text' },
  });
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
});

test('arbiter’s path closes its connection, the others keep theirs', async (t) => {
  const { ask } = await serve(t);
  const keepAlive = { headers: { Connection: 'keep-alive' } };
  assert.equal((await ask('/v1/metrics', keepAlive)).headers.connection, 'close');
  assert.notEqual((await ask('/api/v1/metrics', keepAlive)).headers.connection, 'close');
  assert.notEqual((await ask('/health', keepAlive)).headers.connection, 'close');
});

test('HEAD answers with the headers of GET and no body', async (t) => {
  const { ask } = await serve(t);
  const got = await ask('/api/v1/metrics');
  const { status, headers, body } = await ask('/api/v1/metrics', { method: 'HEAD' });
  assert.equal(status, 200);
  assert.equal(body, '');
  assert.equal(headers['content-length'], got.headers['content-length']);
  assert.equal(headers['content-type'], got.headers['content-type']);
});

for (const path of ['/', '/metric', '/metrics/', '/v1/metrics/x', '//metrics', '/METRICS']) {
  test(`the admin listener answers 404 at ${path}`, async (t) => {
    const { ask } = await serve(t);
    const { status, headers, body } = await ask(path);
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(Object.keys(JSON.parse(body) as object), ['error']);
  });
}

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
  test(`the admin listener answers ${method} with 405 and says what is allowed`, async (t) => {
    const { ask } = await serve(t);
    const { status, headers } = await ask('/metrics', { method });
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET, HEAD');
  });

  test(`inline, ${method} of a documented path is the host’s`, async (t) => {
    const { ask } = await serve(t, { side: 'inline' });
    assert.equal((await ask('/api/v1/metrics', { method })).status, HOST_STATUS);
  });
}

test('inline, every other path is the host’s', async (t) => {
  const { ask } = await serve(t, { side: 'inline' });
  for (const path of ['/', '/metrics/', '/v1/messages']) {
    assert.equal((await ask(path)).status, HOST_STATUS);
  }
});

for (const path of ['/api/v1/metrics', '/api/v1/metrics?format=json', '/metrics']) {
  test(`in auth mode ${path} of the admin listener needs a key`, async (t) => {
    const served = await serve(t, { keys: KEYS });
    for (const headers of [{}, { Authorization: 'Bearer wrong' }]) {
      const answer = await served.ask(path, { headers });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'Bearer');
      assert.doesNotMatch(answer.body, /wasmrun_agent|exec_total/);
    }
    assert.equal(served.unauthorized(), 2);
    assert.deepEqual(served.authenticated, []);
    assert.equal((await served.ask(path, WITH_KEY)).status, 200);
    assert.deepEqual(served.authenticated, ['acme']);
    assert.equal(served.unauthorized(), 2);
  });
}

for (const path of ['/v1/metrics', '/metrics', '/health']) {
  test(`in auth mode ${path} stays open inline, as its document says`, async (t) => {
    const served = await serve(t, { side: 'inline', keys: KEYS });
    assert.equal((await served.ask(path)).status, 200);
    assert.equal(served.unauthorized(), 0);
  });
}
