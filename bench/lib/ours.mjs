import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A build of ours: this checkout's, or another's to compare with.
 * @typedef {object} Ours
 * @property {string} name of its column
 * @property {string} preload
 * @property {Record<string, string>} env where its stacks find the public API
 */

/** @param {string} directory a checkout that is built @param {string} name @returns {Ours} */
function oursIn(directory, name) {
  const dist = path.resolve(directory, 'dist');
  if (!existsSync(dist)) throw new Error(`${directory} has no dist/: build it first`);
  return {
    name,
    preload: path.join(dist, 'register.cjs'),
    env: {
      BENCH_OURS: path.join(dist, 'index.cjs'),
      // As fast as a host's own: which port is free is known before it starts.
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    },
  };
}

/** @param {readonly string[]} others @returns {Ours[]} */
export const findOurs = (others) => [
  oursIn(ROOT, 'ours'),
  ...others.map((directory) => oursIn(directory, `ours@${path.basename(path.resolve(directory))}`)),
];

/** @param {string} stack whether it is a build of ours, in whatever setting */
export const isOurs = (stack) => /^ours(?:$|[@ ])/.test(stack);
