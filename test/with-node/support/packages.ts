import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { alone } from '../../support/alone.js';
import { ROOT } from '../../support/paths.js';

/** The lines of Node that are tested beside the one that runs the tests. */
export const NEWER = ['22', '24', '26'] as const;
export type Major = (typeof NEWER)[number];

/** The sets of packages in test/with-node/packages. */
export type PackageSet = 'nodes' | 'providers' | 'sdk-2' | 'sdk-3';

const NOT_THERE = 3;

await alone();

/**
 * The folder in which scripts/packages.mjs has installed a set. Where it has not, the test is
 * skipped and says how to get it; with REQUIRE_INTEGRATION=1 the set is installed, and a machine
 * that cannot fails.
 */
export function installedPackages(t: TestContext, set: PackageSet): string | undefined {
  const required = process.env['REQUIRE_INTEGRATION'] === '1';
  const { status, stdout } = spawnSync(
    process.execPath,
    [`${ROOT}scripts/packages.mjs`, ...(required ? [] : ['--no-install']), set],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status === 0) return stdout.trim();
  if (required || status !== NOT_THERE) {
    throw new Error(`scripts/packages.mjs ended with ${status ?? 'a signal'}`);
  }
  t.skip(`needs the packages of ${set}, which \`node scripts/packages.mjs\` installs`);
  return undefined;
}

/** The binary of a newer Node, under the same conditions. */
export function newerNode(t: TestContext, major: Major): string | undefined {
  const folder = installedPackages(t, 'nodes');
  if (folder === undefined) return undefined;
  const name = `${process.platform}-${process.arch}-${major}`;
  const binary = path.join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(binary)) return binary;
  const message = `needs Node ${major} for ${process.platform}-${process.arch}, which no package has`;
  if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error(message);
  t.skip(message);
  return undefined;
}

/** Hosts beside other packages: copies, because a module finds packages from where it stands. */
export interface HostsBeside {
  /** Of the compiled test/fixtures, for HOST_FIXTURES. */
  readonly compiled: string;
  /** Of test/fixtures as it is written. */
  readonly written: string;
}

export function hostsBeside(t: Pick<TestContext, 'after'>, packages: string): HostsBeside {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-otel-hosts-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  // The package finds itself by its own name from here too.
  cpSync(`${ROOT}package.json`, path.join(folder, 'package.json'));
  symlinkSync(`${ROOT}dist`, path.join(folder, 'dist'));
  symlinkSync(path.join(packages, 'node_modules'), path.join(folder, 'node_modules'));
  const compiled = path.join(folder, 'compiled', 'fixtures', path.sep);
  const written = path.join(folder, 'written', path.sep);
  cpSync(`${ROOT}build/test/fixtures`, compiled, { recursive: true });
  cpSync(`${ROOT}build/test/support`, path.join(folder, 'compiled', 'support'), {
    recursive: true,
  });
  cpSync(`${ROOT}test/fixtures`, written, { recursive: true });
  return { compiled, written };
}
