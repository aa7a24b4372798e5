import { readFileSync, writeFileSync } from 'node:fs';

const CONSTANT = /\b(ATTR_\w+) ?= ?("[^"\\]*")/g;
const COMPUTED = /([{,]\s*)\[(ATTR_\w+)\](?=:)/g;

/**
 * Writes the names of attributes into the object literals of a bundle, in place of the constants
 * that hold them. V8 forgets the shape of a literal with computed names when some collections
 * have found none, and then asks the runtime for each name: a microsecond for two.
 *
 * @param {string} file a bundle, with the constants in it
 */
export function writeLiteralNames(file) {
  const text = readFileSync(file, 'utf8');
  const names = new Map();
  for (const [, constant, name] of text.matchAll(CONSTANT)) {
    if (names.has(constant)) throw new Error(`${file}: two constants are called ${constant}`);
    names.set(constant, name);
  }
  writeFileSync(
    file,
    text.replaceAll(COMPUTED, (computed, before, constant) =>
      names.has(constant) ? before + names.get(constant) : computed,
    ),
  );
}
