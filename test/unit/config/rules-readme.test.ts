import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseRules } from '../../../src/config/rules-parser.js';
import { ROOT } from '../../support/paths.js';

for (const name of ['wasmrun', 'ash', 'arbiter']) {
  test(`the rules of ${name}'s twin are rules`, () => {
    const file = readFileSync(`${ROOT}examples/twins/${name}.rules.json`, 'utf8');
    assert.deepEqual(parseRules(file).problems, []);
  });
}

test('the rules in the README are rules', () => {
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const [, example = ''] = /```json\n(\{\n {2}"routes"[^`]*)```/.exec(readme) ?? [];
  const { rules, problems } = parseRules(example);
  assert.deepEqual(problems, []);
  assert.equal(rules.routes.length, 7);
  assert.equal(rules.processes.length, 3);
  assert.deepEqual([rules.containers.length, rules.providers.length], [1, 1]);
});
