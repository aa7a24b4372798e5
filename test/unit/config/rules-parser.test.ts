import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../../src/config/rules-parser.js';
import { MISTAKES, VALID_FILES } from './rules-cases.js';

for (const [i, file] of VALID_FILES.entries()) {
  test(`a file without mistakes is read as it stands (${i})`, () => {
    const { rules, problems } = parseRules(JSON.stringify(file));
    assert.deepEqual(problems, []);
    for (const [list, expected] of Object.entries(file)) {
      if (list === '$schema') continue;
      const read = (rules as unknown as Record<string, unknown>)[list];
      assert.deepEqual(read, withLists(expected), list);
    }
  });
}

const MAY_BE_SEVERAL = ['response', 'request', 'message', 'result'];

/** Of paths and of places there may be one or a list, which reads the same. */
function withLists(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, given: unknown) => {
    const isOne = MAY_BE_SEVERAL.includes(key) || (key === 'values' && typeof given === 'string');
    return isOne && !Array.isArray(given) ? [given] : given;
  }) as unknown;
}

for (const { what, file, pointer, says } of MISTAKES) {
  test(`${what} is one problem, with its place`, () => {
    const { rules, problems } = parseRules(JSON.stringify(file));
    assert.deepEqual(
      problems.map((problem) => problem.pointer),
      [pointer],
    );
    assert.match(problems[0]?.problem ?? '', says);
    assert.equal(Object.values(rules).flat().length, 0, 'no rule is left');
  });
}

test('the rules beside a wrong one apply', () => {
  const { rules, problems } = parseRules(`{
    "routes": [
      { "match": { "path": "/first" } },
      { "match": { "path": "second" } },
      { "match": { "path": "/third" } }
    ]
  }`);
  assert.deepEqual(
    rules.routes.map(({ match }) => match.path),
    ['/first', '/third'],
  );
  assert.deepEqual(
    problems.map(({ line, column, pointer }) => [line, column, pointer]),
    [[4, 20, '/routes/1/match/path']],
  );
});

test('every mistake of a file is told, each at its place', () => {
  const { problems } = parseRules(
    '{ "routes": [{ "match": { "path": "x" }, "exec": 1 }],\n  "processes": [{ "as": "x" }] }',
  );
  assert.deepEqual(
    problems.map(({ line, pointer }) => [line, pointer]),
    [
      [1, '/routes/0/match/path'],
      [1, '/routes/0/exec'],
      [2, '/processes/0/as'],
    ],
  );
});

test('a value in a problem is bounded', () => {
  const { problems } = parseRules(JSON.stringify({ routes: ['x'.repeat(10_000)] }));
  assert.ok((problems[0]?.problem.length ?? 0) < 200);
});

test('a byte order mark is no mistake', () => {
  assert.deepEqual(parseRules('\ufeff{}').problems, []);
});

test('a file that is no JSON says where', () => {
  assert.throws(() => parseRules('{\n  "routes": [1,]\n}'), /not JSON at line 2, column 16/);
  assert.throws(() => parseRules(''), /not JSON at line 1, column 1/);
});
