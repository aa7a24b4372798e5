// Runs the compiled tests: those whose path contains one of the arguments, or all.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const wanted = process.argv.slice(2);
const files = readdirSync('build/test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  // As the runner does: test/with-collector and test/with-node come last, when what they need
  // has been built and installed.
  .sort()
  .map((name) => path.join('build/test', name));

if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(1);
}
const flags = ['--enable-source-maps', '--test', '--test-reporter=spec'];
// Two files at a time: process tests start servers of their own, each on port 0. Those that fill a
// machine by themselves wait for each other (test/support/alone.ts). Node 20.10 is the first that
// takes the flag.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 20 || (major === 20 && minor >= 10)) flags.push('--test-concurrency=2');
const result = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit' });
process.exit(result.status ?? 1);
