// Writes rules.schema.json from the table that rules are read by; with --check it only says
// whether it is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { RULES_SCHEMA } from '../build/src/config/rules-table.js';

const FILE = 'rules.schema.json';

const text = await format(JSON.stringify(RULES_SCHEMA), { parser: 'json', printWidth: 100 });
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} does not match the table of rules: run npm run docs`);
  process.exitCode = 1;
}
