import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountOf, type Layer } from '../../../../src/instrumentation/http/routes/express-layer.js';

/** A layer of router 2.0 to 2.2, which keeps nothing but its matchers. */
function layer(...expressions: readonly RegExp[]): Layer {
  return {
    matchers: expressions.map((expression) => (path) => {
      const found = expression.exec(path);
      return found === null ? false : { path: found[0], params: { ...found.groups } };
    }),
  };
}

test('a layer that forgets its path is known by one that matched it', () => {
  const shops = layer(/^\/shops\/(?<shop>[^/]+)/);
  assert.deepEqual(mountOf(shops, '/shops/acme/items/9'), {
    template: '/shops/:shop',
    path: '/shops/acme',
  });
  assert.equal(mountOf(shops, '/elsewhere'), undefined);
});

test('however a client spells it, a layer has one template', () => {
  const stock = layer(/^\/stock/i);
  assert.equal(mountOf(stock, '/stock/1')?.template, '/stock');
  assert.equal(mountOf(stock, '/STOCK/1')?.template, '/stock');
});

test('of several paths each has its template', () => {
  const both = layer(/^\/a\/(?<x>[^/]+)/, /^\/b/);
  assert.equal(mountOf(both, '/a/1')?.template, '/a/:x');
  assert.equal(mountOf(both, '/b')?.template, '/b');
});

test('a parameter that is no whole segment gives no template: it would show what was sent', () => {
  assert.equal(mountOf(layer(/^\/v(?<version>\d+)/), '/v12/x'), undefined);
});

test('a parameter that was encoded is found', () => {
  const shops: Layer = {
    matchers: [() => ({ path: '/s/a%20b', params: { shop: 'a b' } })],
  };
  assert.equal(mountOf(shops, '/s/a%20b')?.template, '/s/:shop');
});

test('the root takes nothing of a path', () => {
  assert.deepEqual(mountOf({ slash: true }, '/x'), { template: '', path: '' });
});
