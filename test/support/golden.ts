import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { ROOT } from './paths.js';

const UPDATING = process.env['UPDATE_GOLDEN'] === '1';

/** The content of a file of test/golden. */
export function golden(name: string): string {
  return readFileSync(`${ROOT}test/golden/${name}`, 'utf8');
}

/** Compares with a file of test/golden to the byte; `UPDATE_GOLDEN=1` writes the file instead. */
export function assertGolden(name: string, actual: string): void {
  if (UPDATING) writeFileSync(`${ROOT}test/golden/${name}`, actual);
  else assert.equal(actual, golden(name), `differs from test/golden/${name}`);
}
