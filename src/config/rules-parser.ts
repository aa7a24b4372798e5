import { NO_RULES, type Rules } from './rules.js';
import { placesIn, type LineAndColumn } from './rules-place.js';
import { isObject, type Place } from './rules-shape.js';
import { RULE_SHAPES } from './rules-table.js';

/** Something that is wrong in a rules file. */
export interface RuleProblem extends LineAndColumn {
  /** JSON pointer (RFC 6901); empty is the whole file. */
  readonly pointer: string;
  readonly problem: string;
}

/** What a rules file says, as far as it can be used. */
export interface ParsedRules {
  readonly rules: Rules;
  readonly problems: readonly RuleProblem[];
}

const LISTS = Object.keys(RULE_SHAPES) as readonly (keyof Rules)[];

/**
 * Reads the text of a rules file. A rule that is wrong is left out and reported with its
 * place; the others stand.
 *
 * @throws SyntaxError that says where it stops being JSON.
 */
export function parseRules(text: string): ParsedRules {
  const json = text.replace(/^\ufeff/, '');
  const places = placesIn(json);
  if (places.brokenAt !== undefined) {
    const { line, column } = places.brokenAt;
    const what = places.isTooDeep ? 'nested too deeply' : 'not JSON';
    throw new SyntaxError(`it is ${what} at line ${line}, column ${column}`);
  }
  const file: unknown = JSON.parse(json);
  const found: { pointer: string; problem: string }[] = [];
  const report = (pointer: string, problem: string): void => {
    found.push({ pointer, problem });
  };
  for (const pointer of places.repeated) report(pointer, 'comes twice: only the last one counts');
  const rules = isObject(file) ? readLists(file, report) : NO_RULES;
  if (!isObject(file)) report('', `a rules file is an object of ${LISTS.join(', ')}`);
  return {
    rules,
    problems: found.map(({ pointer, problem }) => ({
      ...places.of(pointer),
      pointer,
      problem,
    })),
  };
}

function readLists(file: Record<string, unknown>, report: Place['report']): Rules {
  for (const name of Object.keys(file)) {
    const known = name === '$schema' || LISTS.some((list) => list === name);
    if (!known) report(`/${name}`, `unknown; known are ${LISTS.join(', ')}`);
  }
  const schema = file['$schema'];
  if (schema !== undefined && typeof schema !== 'string') report('/$schema', 'must be a text');
  const read = <K extends keyof Rules>(list: K): Rules[K] => {
    const given = file[list] === undefined ? [] : file[list];
    if (!Array.isArray(given)) {
      report(`/${list}`, 'must be a list of rules');
      return NO_RULES[list];
    }
    const rules = given.map((rule, i) =>
      RULE_SHAPES[list].read(rule, { pointer: `/${list}/${i}`, report }),
    );
    return rules.filter((rule) => rule !== undefined) as unknown as Rules[K];
  };
  return {
    routes: read('routes'),
    processes: read('processes'),
    containers: read('containers'),
    providers: read('providers'),
  };
}
