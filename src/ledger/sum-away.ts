import { ABSENT } from './label-value.js';
import type { TableSnapshot } from './table.js';

/**
 * A table with an attribute summed away: rows that differ in nothing else become one, and
 * the attribute is absent. A table that does not have the attribute is returned as it is.
 */
export function sumAway(table: TableSnapshot, attribute: string): TableSnapshot {
  const position = table.declaration.attributes.findIndex(({ key }) => key === attribute);
  if (position === -1) return table;
  const rows: string[][] = [];
  const targets: number[] = [];
  const targetByKey = new Map<string, number>();
  for (let row = 0; row < table.size; row++) {
    const values = [...table.valuesOf(row)];
    values[position] = ABSENT;
    const key = JSON.stringify(values);
    let target = targetByKey.get(key);
    if (target === undefined) {
      target = rows.length;
      targetByKey.set(key, target);
      rows.push(values);
    }
    targets.push(target);
  }
  const summed = (cells: Float64Array): Float64Array => {
    const width = table.size === 0 ? 0 : cells.length / table.size;
    const totals = new Float64Array(rows.length * width);
    cells.forEach((value, cell) => {
      const target = (targets[Math.floor(cell / width)] ?? 0) * width + (cell % width);
      totals[target] = (totals[target] ?? 0) + value;
    });
    return totals;
  };
  return {
    declaration: table.declaration,
    size: rows.length,
    valuesOf: (row) => rows[row] ?? [],
    values: summed(table.values),
    sums: summed(table.sums),
    buckets: summed(table.buckets),
  };
}
