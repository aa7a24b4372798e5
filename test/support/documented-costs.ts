import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ROOT } from './paths.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, kB: 1e3, MB: 1e6 };
/** Of sizes and counts, which no machine changes. */
const TOLERANCE = 0.1;

/** The numbers that a row of the table of costs in docs/operations.md gives for its size. */
function documentedSizes(row: string): number[] {
  const text = readFileSync(`${ROOT}docs/operations.md`, 'utf8');
  const cells = text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .find(([, first]) => first === row);
  assert.ok(cells, `docs/operations.md has no row ${row}`);
  return [...(cells[2] ?? '').matchAll(/(\d[\d.,]*\d|\d) ?(kB|MB)?/g)].map(
    ([, digits = '', unit = '']) => Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? NaN),
  );
}

/** Fails unless docs/operations.md gives these sizes in this row, to a tenth. */
export function assertDocumented(row: string, sizes: readonly number[]): void {
  const documented = documentedSizes(row);
  const says = `${row}: the document says ${documented.join(', ')}, measured ${sizes.join(', ')}`;
  assert.equal(documented.length, sizes.length, says);
  for (const [i, size] of sizes.entries()) {
    assert.ok(Math.abs((documented[i] ?? NaN) - size) <= TOLERANCE * size, says);
  }
}
