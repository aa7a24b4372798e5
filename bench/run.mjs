// Measures what ours costs beside its peers: `npm run bench -- [NAME …] [--short] [--json FILE]
// [--ours DIR] [--node24 PATH] [--write] [--list]`.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from './lib/arguments.mjs';
import { ROOT } from './lib/ours.mjs';

const { names, short, write, list, json, ours, node24 } = readArguments(process.argv.slice(2));
const here = path.dirname(fileURLToPath(import.meta.url));

if (!existsSync(path.join(here, 'node_modules'))) {
  const command = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', command, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });
}
// Only now can be imported what needs the peers.
const { loadRows } = await import('./lib/rows.mjs');
const rows = await loadRows();
if (list) {
  for (const { name, title } of rows) console.log(`${name.padEnd(24)}${title}`);
  process.exit(0);
}
const unknown = names.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0) {
  console.error(`no row is called ${unknown.join(', ')}; there are`);
  for (const { name } of rows) console.error(`  ${name}`);
  process.exit(1);
}

if (names.length === 0 && write && existsSync(json)) {
  const { writeDocument } = await import('./lib/document.mjs');
  await writeDocument(JSON.parse(readFileSync(json, 'utf8')));
  process.exit(0);
}

execFileSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: 'inherit' });
const { describeMachine, leaveSubjectCore } = await import('./lib/machine.mjs');
const { findOurs } = await import('./lib/ours.mjs');
const { summarise } = await import('./lib/measure.mjs');
const { printed } = await import('./lib/report.mjs');

leaveSubjectCore();
const machine = describeMachine();
const context = { short, ours: findOurs(ours), node24 };
const results = { machine, short, rows: [] };
console.log(
  `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load by ${machine.load}`,
);
if (!machine.pinned) console.log('no second core or no taskset: nothing is kept apart');
console.log('');

for (const row of rows) {
  if (names.length > 0 && !names.includes(row.name)) continue;
  const missing = row.needs?.(context);
  if (missing !== undefined) {
    console.log(`${row.name}: left out, it needs ${missing}\n`);
    continue;
  }
  const startedAt = performance.now();
  const measured = await row.run(context).catch((/** @type {unknown} */ problem) => {
    console.error(`${row.name} failed:`, problem);
    process.exitCode = 1;
  });
  if (measured === undefined) continue;
  const { measures, notes } = measured;
  const { name, title, work } = row;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const result = { name, title, work, seconds, measures: measures.map(summarise), notes };
  results.rows.push(result);
  console.log(printed(result));
  mkdirSync(path.dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify(results, undefined, 2)}\n`);
}
