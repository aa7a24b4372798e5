import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT } from '../support/paths.js';

const rows = readdirSync(`${ROOT}bench/rows`).map((file) => file.replace(/\.mjs$/, ''));

test('a row of the bench is called like its file, and the bench knows its place', () => {
  const order = readFileSync(`${ROOT}bench/lib/rows.mjs`, 'utf8');
  for (const row of rows) {
    const text = readFileSync(`${ROOT}bench/rows/${row}.mjs`, 'utf8');
    assert.ok(text.includes(`name: '${row}',`), row);
    assert.ok(order.includes(`  '${row}',`), row);
  }
});

test('docs/performance.md names only rows that there are', () => {
  const text = readFileSync(`${ROOT}docs/performance.md`, 'utf8');
  const commands = [...text.matchAll(/npm run bench -- ([^`#\n]+)/g)];
  const named = commands.flatMap(([, given = '']) =>
    given.split(' ').filter((word) => /^[a-z]/.test(word)),
  );
  assert.ok(named.length > 0);
  for (const name of named) assert.ok(rows.includes(name), name);
});

test('the peers are pinned, and their lock names no registry', () => {
  const manifest = JSON.parse(readFileSync(`${ROOT}bench/package.json`, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  for (const version of Object.values(manifest.devDependencies)) assert.match(version, /^\d/);
  assert.doesNotMatch(readFileSync(`${ROOT}bench/package-lock.json`, 'utf8'), /"resolved"/);
});
