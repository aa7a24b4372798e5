import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseRules } from '../../../src/config/rules-parser.js';
import { ROOT } from '../../support/paths.js';

test('the rules in the README are rules', () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const [, example = ''] = /```json\n(\{\n {2}"routes"[^`]*)```/.exec(readme) ?? [];
  const { rules, problems } = parseRules(example);
  assert.deepEqual(problems, []);
  assert.equal(rules.routes.length, 3);
  assert.equal(rules.processes.length, 2);
  assert.deepEqual([rules.containers.length, rules.providers.length], [1, 1]);
});
