// Declarations that name types of packages which only some hosts have.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const IMPORT = /^import type .* from '@opentelemetry\/(?!api')/gm;

/**
 * Lets a host compile that has not got the SDK whose types are named: a composing host has it,
 * and gets its own types; to all others these are nothing that they use.
 *
 * @param {string} folder of declarations
 */
export function hideAbsentTypes(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = path.join(folder, name);
    const text = readFileSync(file, 'utf8');
    const hidden = text.replace(IMPORT, '// @ts-ignore: where the host has it\n$&');
    if (hidden !== text) writeFileSync(file, hidden);
  }
}
