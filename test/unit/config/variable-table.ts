import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig, type Config } from '../../../src/config/config.js';

/** A variable, the setting it makes, and the values that it may and may not have. */
export interface Variable {
  readonly name: string;
  readonly setting: (config: Config) => unknown;
  readonly byDefault: unknown;
  readonly valid: readonly (readonly [string, unknown])[];
  readonly invalid: readonly string[];
  /** What the problem's line must say is allowed. */
  readonly allowed?: RegExp;
}

/** Makes the tests of one variable after the other. */
export function testVariables(variables: readonly Variable[]): void {
  for (const variable of variables) testVariable(variable);
}

function testVariable({ name, setting, byDefault, valid, invalid, allowed }: Variable): void {
  test(`${name} has its documented default and no problem when it is unset`, () => {
    assert.deepEqual(setting(readConfig({})), byDefault);
    assert.deepEqual(readConfig({}).problems, []);
  });

  for (const [value, expected] of valid) {
    test(`${name}=${value} is taken as it stands`, () => {
      const config = readConfig({ [name]: value });
      assert.deepEqual(setting(config), expected);
      assert.deepEqual(config.problems, []);
    });
  }

  for (const value of invalid) {
    test(`${name}=${value} is one clear line, and the default is used`, () => {
      const config = readConfig({ [name]: value });
      assert.deepEqual(setting(config), byDefault);
      assert.equal(config.problems.length, 1, config.problems.join('\n'));
      const [problem = ''] = config.problems;
      assert.ok(problem.startsWith(`${name}="${value}" `), problem);
      assert.match(problem, allowed ?? /./);
      assert.doesNotMatch(problem, /\n/);
    });
  }
}
