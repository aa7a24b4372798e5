import path from 'node:path';
import { parseArgs } from 'node:util';

const DEFAULT_JSON = 'bench/results/latest.json';

/** @param {string[]} args */
export function readArguments(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      short: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'string', default: DEFAULT_JSON },
      ours: { type: 'string', multiple: true, default: [] },
      node24: { type: 'string', default: process.env.BENCH_NODE24 },
    },
  });
  return { ...values, json: path.resolve(values.json), names: positionals };
}
