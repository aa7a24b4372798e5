import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../support/paths.js';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** A file of unit tests, as far as it is looked at here. */
export interface RuleTests {
  readonly rule_files: readonly string[];
  readonly group_eval_order: readonly string[];
  readonly tests: readonly {
    readonly promql_expr_test?: readonly {
      readonly expr: string;
      readonly exp_samples?: readonly { readonly labels: string }[];
    }[];
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts?: readonly object[];
    }[];
  }[];
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** The content of a file, of whatever shape the caller knows it to have. */
export function readYaml(file: string): unknown {
  return parse(readText(file));
}

export function ruleTests(file: string): RuleTests {
  return readYaml(file) as RuleTests;
}

const filesOf = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder))
    .sort()
    .map((name) => `${folder}/${name}`);

export const RULE_FILES = filesOf('prometheus/rules');
export const TEST_FILES = filesOf('prometheus/tests');

export function groupsOf(file: string): RuleGroups['groups'] {
  return (readYaml(file) as RuleGroups).groups;
}

export function rulesOf(file: string): Rule[] {
  return groupsOf(file).flatMap(({ rules }) => rules);
}

/** What promtool answers, run where a user would run it. */
export function promtool(...args: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: ROOT, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
