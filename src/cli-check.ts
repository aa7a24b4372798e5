import { readFileSync } from 'node:fs';
import { explainRules } from './config/rules-explain.js';
import { describeProblem } from './config/rules-file.js';
import { parseRules } from './config/rules-parser.js';

/** Prints what each rule of a file would do, and what is wrong with it; 1 when anything is. */
export function checkRules(file: string): number {
  try {
    const { rules, problems } = parseRules(readFileSync(file, 'utf8'));
    const sentences = explainRules(rules);
    for (const sentence of sentences) process.stdout.write(`${sentence}\n`);
    if (problems.length === 0 && sentences.length === 0) {
      process.stdout.write('No rules: the built-in ones apply.\n');
    }
    for (const problem of problems) process.stderr.write(`${file}: ${describeProblem(problem)}\n`);
    return problems.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${file}: ${(error as Error).message}\n`);
    return 1;
  }
}
