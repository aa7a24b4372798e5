// Installs what the tests of test/with-node need and the package itself must not: newer lines of
// Node, and packages that need them or that are large. Each folder of test/with-node/packages
// is one set, installed by its lockfile into a cache outside of the tree.
//
//   node scripts/packages.mjs                      installs all sets
//   node scripts/packages.mjs [--no-install] SET   prints the folder of one
//
// Progress and complaints go to standard error. The status is 1 when an installation fails;
// with --no-install it only looks, and the status is 3 where a set is not installed.
// AGENT_OTEL_PACKAGES_CACHE names another folder for the cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lock } from './lock.mjs';

const NOT_THERE = 3;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sets = path.join(root, 'test', 'with-node', 'packages');
const mayInstall = !process.argv.includes('--no-install');

const say = (text) => process.stderr.write(`packages: ${text}\n`);

/** Where a set is installed on this kind of machine; another lockfile has another place. */
function folderOf(set) {
  const { AGENT_OTEL_PACKAGES_CACHE, XDG_CACHE_HOME } = process.env;
  const caches = XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const hash = createHash('sha256')
    .update(`${process.platform} ${process.arch}\n`)
    .update(readFileSync(path.join(sets, set, 'package-lock.json')));
  return path.join(
    path.resolve(AGENT_OTEL_PACKAGES_CACHE || path.join(caches, 'agent-otel')),
    `packages-${set}-${hash.digest('hex').slice(0, 12)}`,
  );
}

/** Installs next to where the set belongs, and moves it there when it is whole. */
function install(set, target) {
  const work = `${target}.install`;
  rmSync(work, { recursive: true, force: true });
  cpSync(path.join(sets, set), work, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // Nothing in the sets has to be built; the engines are those of the Node that they run on.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, signal } = spawnSync(npm, args, {
    cwd: work,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status !== 0) throw new Error(`npm ci failed in ${work} (${signal ?? status})`);
  renameSync(work, target);
}

async function find(set) {
  const target = folderOf(set);
  if (existsSync(target)) return target;
  if (!mayInstall) {
    say(`${set} is not installed; \`node scripts/packages.mjs\` installs it`);
    return undefined;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  const unlock = await lock(`${target}.lock`, (pid) =>
    say(`process ${pid} is installing ${set}: waiting`),
  );
  try {
    if (existsSync(target)) return target;
    const started = Date.now();
    install(set, target);
    say(`${set} installed in ${Math.round((Date.now() - started) / 1000)} s`);
    return target;
  } finally {
    unlock();
  }
}

try {
  const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  for (const set of wanted.length > 0 ? wanted : readdirSync(sets)) {
    const folder = await find(set);
    if (folder === undefined) process.exitCode = NOT_THERE;
    else process.stdout.write(`${folder}\n`);
  }
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
