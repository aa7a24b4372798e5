import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRouteMatcher,
  type Matchable,
} from '../../../../src/instrumentation/http/rules/route-matcher.js';

const entry = (path: string, method?: string): Matchable => ({
  match: { path, ...(method !== undefined && { method }) },
});

const MATCH = createRouteMatcher([
  entry('/users/me', 'GET'),
  entry('/users/:id', 'GET'),
  entry('/users/:id'),
  entry('/users/:id/posts/:post'),
  entry('/files/*'),
  entry('/files/special'),
  entry('/'),
  entry('/:tenant/chat', 'POST'),
]);

const CASES: readonly (readonly [
  method: string,
  target: string,
  expected: string | undefined,
  parameters?: Record<string, string>,
])[] = [
  ['GET', '/users/me', 'GET /users/me'],
  ['GET', '/users/7', 'GET /users/:id', { id: '7' }],
  ['PUT', '/users/7', 'any /users/:id', { id: '7' }],
  ['PUT', '/users/me', 'any /users/:id', { id: 'me' }],
  ['GET', '/users/7/', 'GET /users/:id', { id: '7' }],
  ['GET', '/users/7?x=/y', 'GET /users/:id', { id: '7' }],
  ['GET', '/users/a%2Fb%20c', 'GET /users/:id', { id: 'a/b c' }],
  ['GET', '/users/%ff', 'GET /users/:id', { id: '%ff' }],
  ['GET', 'http://h:1/users/7?x', 'GET /users/:id', { id: '7' }],
  ['GET', '/users/7/posts/8', 'any /users/:id/posts/:post', { id: '7', post: '8' }],
  ['GET', '/users', undefined],
  ['GET', '/users/', undefined],
  ['GET', '/users//', undefined],
  ['GET', '/Users/7', undefined],
  ['GET', '/users/7/posts', undefined],
  ['GET', '/files/a/b', 'any /files/*'],
  ['GET', '/files/special', 'any /files/*'],
  ['GET', '/files', undefined],
  ['GET', '/', 'any /'],
  ['GET', '', 'any /'],
  ['GET', '/?x', 'any /'],
  ['POST', '/acme/chat', 'POST /:tenant/chat', { tenant: 'acme' }],
  ['GET', '/acme/chat', undefined],
  ['OPTIONS', '*', undefined],
];

for (const [method, target, expected, parameters = {}] of CASES) {
  test(`${method} ${JSON.stringify(target)} is ${expected ?? 'nothing'}`, () => {
    const matched = MATCH(method, target);
    const found = matched && `${matched.entry.match.method ?? 'any'} ${matched.entry.match.path}`;
    assert.equal(found, expected);
    assert.deepEqual(Object.fromEntries(matched?.parameters ?? []), parameters);
  });
}

test('of two that match the first counts, whichever is more exact', () => {
  const match = createRouteMatcher([entry('/:a/:b'), entry('/x/y')]);
  assert.equal(match('GET', '/x/y')?.entry.match.path, '/:a/:b');
});

test('a rule for everything matches everything', () => {
  const match = createRouteMatcher([entry('/*')]);
  assert.equal(match('GET', '/a/b')?.entry.match.path, '/*');
});

test('without rules nothing matches', () => {
  assert.equal(createRouteMatcher([])('GET', '/x'), undefined);
});
