import { EXEC_RESULTS, type ExecResult } from '../catalog/vocabulary.js';
import type { ExecValues } from '../config/rules.js';
import { compilePaths, textOf } from './json-path.js';

/** Where one value stands: JSON paths, and what its values mean. */
export interface ResultPlace {
  readonly paths: readonly string[];
  readonly values?: ExecValues | undefined;
}

/** Reads how an execution ended from what its host sends or is sent; undefined: not said. */
export type ReadResult = (json: unknown) => ExecResult | undefined;

/** Stands for every value that is not listed. */
const ANY = '*';

/** Makes what reads a result from the first place that says one. */
export function compileResult(places: readonly ResultPlace[]): ReadResult {
  const reads = places.map(({ paths, values }) => {
    const read = compilePaths(paths);
    return (json: unknown) => meaningOf(read(json), values);
  });
  return (json) => {
    for (const read of reads) {
      const result = read(json);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

/** Makes what reads whether output was cut: `true`, or a number of what is missing. */
export function compileTruncated(paths: readonly string[] | undefined): (json: unknown) => boolean {
  if (paths === undefined) return () => false;
  const read = compilePaths(paths);
  return (json) => {
    const value = read(json);
    return value === true || value === 'true' || (typeof value === 'number' && value > 0);
  };
}

/**
 * What a value means: what the rule says of it, where it says anything; else the three results
 * are themselves, `true` and the exit code 0 a success, `false` and other codes an error.
 */
function meaningOf(value: unknown, values: ExecValues | undefined): ExecResult | undefined {
  if (value === undefined) return undefined;
  if (values !== undefined) {
    const key = textOf(value) ?? ANY;
    return (Object.hasOwn(values, key) ? values[key] : undefined) ?? values[ANY];
  }
  if (typeof value === 'boolean') return value ? 'success' : 'error';
  if (typeof value === 'number') return value === 0 ? 'success' : 'error';
  return EXEC_RESULTS.find((known) => known === value);
}
