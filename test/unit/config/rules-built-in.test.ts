import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIALECTS } from '../../../src/catalog/vocabulary.js';
import { builtInRules } from '../../../src/config/rules-built-in.js';
import { parseRules } from '../../../src/config/rules-parser.js';

test('the built-in rules could stand in a file', () => {
  const rules = builtInRules(undefined);
  const parsed = parseRules(JSON.stringify(rules));
  assert.deepEqual(parsed.problems, []);
  assert.deepEqual(parsed.rules, rules);
});

test('each dialect has the routes of its own document', () => {
  const paths = (dialect: (typeof DIALECTS)[number]): string[] =>
    builtInRules(dialect).routes.map(({ match: { method = '', path } }) => `${method} ${path}`);
  assert.ok(paths('wasmrun').includes('POST /api/v1/sessions/:id/exec'));
  assert.ok(paths('ash').includes('POST /api/sessions/:id/messages'));
  assert.ok(paths('arbiter').includes('POST /v1/orchestrate'));
  assert.equal(
    builtInRules(undefined).routes.length,
    DIALECTS.reduce((sum, dialect) => sum + paths(dialect).length, 0),
  );
});
