/** The rules under promtool, and each of them covered by a unit test. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { CANONICAL_NAMES, unknownIn } from './support/names.js';
import {
  groupsOf,
  promtool,
  readText,
  RULE_FILES,
  rulesOf,
  ruleTests,
  TEST_FILES,
} from './support/rules.js';

const rules = RULE_FILES.flatMap(rulesOf);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = rules.flatMap(({ record }) => record ?? []);

test('promtool accepts the configuration, the rules and what the unit tests expect', (t) => {
  if (!hasPrograms(t, 'promtool')) return;
  for (const args of [
    ['check', 'config', 'prometheus/prometheus.yml'],
    ['check', 'rules', '--lint=all', '--lint-fatal', ...RULE_FILES],
    ['test', 'rules', ...TEST_FILES],
  ]) {
    const { status, output } = promtool(...args);
    assert.equal(status, 0, output);
  }
});

test('every file of rules has its file of unit tests', () => {
  assert.deepEqual(
    TEST_FILES.map((file) => ruleTests(file).rule_files),
    RULE_FILES.map((file) => [file.replace('prometheus', '..')]),
  );
});

test('unit tests evaluate the groups in their order, where promtool would take any', () => {
  assert.deepEqual(
    TEST_FILES.map((file) => ruleTests(file).group_eval_order),
    RULE_FILES.map((file) => groupsOf(file).map(({ name }) => name)),
  );
});

test('every alert has a unit test in which it fires and one in which it is silent', () => {
  const cases = TEST_FILES.flatMap((file) =>
    ruleTests(file).tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test),
  );
  for (const { alert = '' } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    const firing = own.filter(({ exp_alerts = [] }) => exp_alerts.length > 0);
    assert.ok(firing.length > 0, `${alert} fires in no unit test`);
    assert.ok(firing.length < own.length, `${alert} is silent in no unit test`);
  }
});

test('every recording rule has a unit test of its value', () => {
  const samples = TEST_FILES.flatMap((file) =>
    ruleTests(file).tests.flatMap(({ promql_expr_test = [] }) =>
      promql_expr_test.flatMap(({ exp_samples = [] }) => exp_samples.map(({ labels }) => labels)),
    ),
  );
  for (const record of recorded) {
    assert.ok(
      samples.some((labels) => labels.startsWith(`${record}{`)),
      `${record} has no expected value`,
    );
  }
});

test('recorded names are level:metric:operations, and no two rules share a name', () => {
  for (const record of recorded) {
    assert.match(
      record,
      /^instance(_[a-z]+)*:[a-z][a-z0-9_]*:(sum|mean|mean5m|ratio|rate5m|ratio_rate(5|30)m)$/,
    );
  }
  const names = rules.map(({ alert, record }) => alert ?? record);
  assert.equal(new Set(names).size, names.length);
});

test('the rules ask for nothing that is not exposed', () => {
  for (const { alert, record, expr } of rules) {
    assert.deepEqual(unknownIn(expr, [...recorded, 'up']), [], `${alert ?? record ?? ''}: ${expr}`);
  }
  assert.ok(CANONICAL_NAMES.includes('agent_ledger_overflow_total'));
  assert.deepEqual(unknownIn('rate(ash_resumes_total{path="hot"}[5m]) / a:b:c'), [
    'never: path="hot"',
    'no rule records a:b:c',
    'nothing is named ash_resumes_total',
  ]);
});

test('every alert says how bad it is, what happened, and where its section of the runbook is', () => {
  const sections = [...readText('docs/runbook.md').matchAll(/^### (\w+)$/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(
    sections.sort(),
    alerts.map(({ alert }) => alert).sort(),
    'sections of the runbook and alerts',
  );
  for (const { alert = '', labels = {}, annotations = {} } of alerts) {
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/, alert);
    assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook'], alert);
    assert.equal(annotations['runbook'], `docs/runbook.md#${alert.toLowerCase()}`);
  }
});
