import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { cleanEnvironment } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';

/**
 * Runs files of test/process with another Node, which is then that of their hosts as well. Where
 * some of their tests were skipped, this one is, and says for want of what; with
 * REQUIRE_INTEGRATION=1 it fails instead.
 */
export async function runSuites(
  t: TestContext,
  node: string,
  { suites, env = {} }: { suites: readonly string[]; env?: Record<string, string> },
): Promise<void> {
  const files = suites.map((name) => `${ROOT}build/test/process/${name}.test.js`);
  const runner = spawn(node, ['--test', '--test-concurrency=1', '--test-reporter=tap', ...files], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...cleanEnvironment(), ...env },
  });
  const closed = once(runner, 'close');
  const report = await text(runner.stdout);
  const [code] = (await closed) as [number | null];
  assert.equal(code, 0, report);
  assert.ok(Number(/^# pass (\d+)$/m.exec(report)?.[1]) > suites.length, report);
  if (/^# skipped (\d+)$/m.exec(report)?.[1] === '0') return;
  assert.notEqual(process.env['REQUIRE_INTEGRATION'], '1', report);
  const reasons = [...report.matchAll(/# SKIP (.*)$/gm)].map(([, reason = '']) => reason);
  assert.ok(reasons.length > 0, report);
  t.skip(`in part: ${[...new Set(reasons)].join('; ')}`);
}
