import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

/**
 * Whether the programs that a test needs are on this machine. Where one is missing the
 * test is skipped and says which; with REQUIRE_INTEGRATION=1 it fails instead.
 */
export function hasPrograms(t: TestContext, ...names: string[]): boolean {
  const missing = names.filter(
    (name) => spawnSync('sh', ['-c', `command -v "${name}"`], { stdio: 'ignore' }).status !== 0,
  );
  if (missing.length === 0) return true;
  const message = `needs ${missing.join(' and ')}, which this machine does not have`;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error(message);
  t.skip(message);
  return false;
}
