/**
 * A rules file in which most things are wrong: its lines were counted anew for each problem, so
 * that a host with a large one hung at its start; a member that came twice was lost without a
 * word; and deep nesting was reported as an overflow, without its place.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadRules } from '../../src/config/rules-file.js';
import { parseRules } from '../../src/config/rules-parser.js';
import { temporaryFolder } from '../process/support/ending-host.js';

const wrongRules = (count: number): string =>
  JSON.stringify({ routes: Array.from({ length: count }, () => ({ nope: 1 })) }, null, 1);

function problemsOf(t: TestContext, text: string): string[] {
  const file = path.join(temporaryFolder(t), 'rules.json');
  writeFileSync(file, text);
  const problems: string[] = [];
  loadRules({ file, dialect: undefined, onProblem: (problem) => problems.push(problem) });
  return problems;
}

test('each of very many problems has its place, soon', { timeout: 30_000 }, () => {
  const { problems } = parseRules(wrongRules(50_000));
  assert.equal(problems.length, 100_000);
  assert.deepEqual(
    [problems.at(-1)?.pointer, problems.at(-1)?.line],
    ['/routes/49999', 3 + 49_999 * 3],
  );
});

test('a host says fifty problems, and how many more there are', (t) => {
  const problems = problemsOf(t, wrongRules(40));
  assert.equal(problems.length, 51);
  assert.match(problems.at(-1) ?? '', /has 30 more problems, which agent-otel check names$/);
});

test('a member that comes twice is reported, and its last value applies', () => {
  const text = '{"routes": [{"match": {"path": "/a"}}],\n "routes": [{"match": {"path": "/b"}}]}';
  const { rules, problems } = parseRules(text);
  assert.deepEqual(problems, [
    { line: 2, column: 2, pointer: '/routes', problem: 'comes twice: only the last one counts' },
  ]);
  assert.deepEqual(rules.routes, [{ match: { path: '/b' } }]);
});

test('nesting that no rule has is refused at its place', (t) => {
  assert.match(
    problemsOf(t, `{"routes":\n${'['.repeat(200_000)}`).join('\n'),
    /^[^\n]*\(it is nested too deeply at line 2, column 65\)[^\n]*$/,
  );
});
