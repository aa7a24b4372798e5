import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteMatch } from '../../../../src/config/rules.js';
import {
  createRouteMatcher,
  type Matchable,
  type MatchedRequest,
} from '../../../../src/instrumentation/http/rules/route-matcher.js';

const entry = (path: string, method?: string, headers?: RouteMatch['headers']): Matchable => ({
  match: { path, ...(method !== undefined && { method }), ...(headers && { headers }) },
});

const request = (
  method: string,
  target: string,
  headers: Record<string, string> = {},
): MatchedRequest => ({ method, target, header: (name) => headers[name] });

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
    const matched = MATCH(request(method, target));
    const found = matched && `${matched.entry.match.method ?? 'any'} ${matched.entry.match.path}`;
    assert.equal(found, expected);
    assert.deepEqual(Object.fromEntries(matched?.parameters ?? []), parameters);
  });
}

test('of two that match the first counts, whichever is more exact', () => {
  const match = createRouteMatcher([entry('/:a/:b'), entry('/x/y')]);
  assert.equal(match(request('GET', '/x/y'))?.entry.match.path, '/:a/:b');
});

test('a rule for everything matches everything', () => {
  const match = createRouteMatcher([entry('/*')]);
  assert.equal(match(request('GET', '/a/b'))?.entry.match.path, '/*');
});

test('without rules nothing matches', () => {
  assert.equal(createRouteMatcher([])(request('GET', '/x')), undefined);
});

const BY_HEADERS = createRouteMatcher([
  entry('/mcp', 'POST', { 'Mcp-Session-Id': false }),
  entry('/mcp', 'POST', { 'mcp-session-id': true, 'mcp-method': 'tools/*' }),
  entry('/mcp', 'POST', { 'mcp-session-id': true }),
]);

const WITH_HEADERS: readonly (readonly [Record<string, string>, number | undefined])[] = [
  [{}, 0],
  [{ 'mcp-session-id': '' }, 2],
  [{ 'mcp-session-id': 's1', 'mcp-method': 'tools/call' }, 1],
  [{ 'mcp-session-id': 's1', 'mcp-method': 'ping' }, 2],
  [{ 'mcp-method': 'tools/call' }, 0],
];

for (const [headers, expected] of WITH_HEADERS) {
  test(`of one path the headers ${JSON.stringify(headers)} tell rule ${expected}`, () => {
    const { entry: found } = BY_HEADERS(request('POST', '/mcp', headers)) ?? {};
    const conditions = [
      { 'Mcp-Session-Id': false },
      { 'mcp-session-id': true, 'mcp-method': 'tools/*' },
      { 'mcp-session-id': true },
    ];
    assert.deepEqual(found?.match.headers, conditions[expected ?? -1]);
    assert.equal(BY_HEADERS(request('GET', '/mcp', headers)), undefined);
  });
}
