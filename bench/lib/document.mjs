import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { ROOT } from './ours.mjs';
import { markdown } from './report.mjs';

const FILE = path.join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- figures: npm run bench -- --write -->';
const END = '<!-- end of figures -->';

/** Writes the figures of a run between the markers of docs/performance.md. */
export async function writeDocument(results) {
  const text = readFileSync(FILE, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`${FILE} has no markers for the figures`);
  const figures = `${BEGIN}\n\n${markdown(results)}\n\n`;
  const whole = text.slice(0, begin) + figures + text.slice(end);
  const options = await prettier.resolveConfig(FILE);
  writeFileSync(FILE, await prettier.format(whole, { ...options, filepath: FILE }));
}
