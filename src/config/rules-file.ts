import { readFileSync } from 'node:fs';
import type { Dialect } from '../catalog/vocabulary.js';
import { NO_RULES, type Rules } from './rules.js';
import { builtInRules } from './rules-built-in.js';
import { parseRules, type RuleProblem } from './rules-parser.js';

/** Where a problem stands and what it is, as one line of text. */
export function describeProblem({ line, column, pointer, problem }: RuleProblem): string {
  return `line ${line}, column ${column}${pointer === '' ? '' : ` (${pointer})`}: ${problem}`;
}

/**
 * The rules of `AGENT_OTEL_RULES`, and after them the built-in ones. What cannot be used is
 * reported, one line each, and never throws.
 */
export function loadRules(options: {
  file: string | undefined;
  dialect: Dialect | undefined;
  onProblem: (problem: string) => void;
}): Rules {
  const { file, dialect, onProblem } = options;
  const builtIn = builtInRules(dialect);
  const own = file === undefined ? NO_RULES : readRules(file, onProblem);
  return {
    routes: [...own.routes, ...builtIn.routes],
    processes: [...own.processes, ...builtIn.processes],
    containers: [...own.containers, ...builtIn.containers],
    providers: [...own.providers, ...builtIn.providers],
  };
}

/** Problems that a host says at its start; a generated file may have one in every rule. */
const MAX_REPORTED = 50;

function readRules(file: string, onProblem: (problem: string) => void): Rules {
  const variable = `AGENT_OTEL_RULES=${JSON.stringify(file)}`;
  try {
    const { rules, problems } = parseRules(readFileSync(file, 'utf8'));
    for (const problem of problems.slice(0, MAX_REPORTED)) {
      onProblem(`${variable}, ${describeProblem(problem)}; the rest of the file applies`);
    }
    const others = problems.length - MAX_REPORTED;
    if (others > 0) {
      onProblem(`${variable} has ${others} more problems, which agent-otel check names`);
    }
    return rules;
  } catch (error) {
    onProblem(
      `${variable} is not a readable JSON file of rules (${(error as Error).message}); ` +
        'the built-in rules are used',
    );
    return NO_RULES;
  }
}
