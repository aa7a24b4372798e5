import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { cleanEnvironment } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';

/** Runs files of test/process with another Node, which is then that of their hosts as well. */
export async function runSuites(
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
  assert.equal(/^# skipped (\d+)$/m.exec(report)?.[1], '0', report);
  assert.ok(Number(/^# pass (\d+)$/m.exec(report)?.[1]) > suites.length, report);
}
