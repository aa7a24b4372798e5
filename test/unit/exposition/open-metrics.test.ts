import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExpositionFamily } from '../../../src/exposition/text.js';
import { openMetricsOf, familyOf } from '../../support/exposition.js';

const family = (name: string, type: string, help = 'H.'): ExpositionFamily =>
  familyOf({ name, type, help, samples: `${name} 1\n` });

test('the exposition ends in # EOF, also when there is nothing', () => {
  assert.equal(openMetricsOf([]), '# EOF\n');
});

const FAMILIES: readonly [string, string, string, string][] = [
  [
    'a counter goes by its name without _total',
    'a_total',
    'counter',
    '# TYPE a counter\n# HELP a H.\na_total 1\n',
  ],
  [
    'a counter that does not end in _total is unknown',
    'a_ms_sum',
    'counter',
    '# TYPE a_ms_sum unknown\n# HELP a_ms_sum H.\na_ms_sum 1\n',
  ],
  [
    'a gauge keeps its name, even one that ends in _total',
    'a_total',
    'gauge',
    '# TYPE a_total gauge\n# HELP a_total H.\na_total 1\n',
  ],
  ['an untyped family is unknown', 'a', 'untyped', '# TYPE a unknown\n# HELP a H.\na 1\n'],
  ['a histogram stays one', 'a', 'histogram', '# TYPE a histogram\n# HELP a H.\na 1\n'],
];

for (const [what, name, type, expected] of FAMILIES) {
  test(what, () => {
    assert.equal(openMetricsOf([family(name, type)]), `${expected}# EOF\n`);
  });
}

test('HELP escapes backslash, line feed and quotes', () => {
  const text = openMetricsOf([family('a', 'gauge', 'a\\b\n"c"')]);
  assert.ok(text.includes('# HELP a a\\\\b\\n\\"c\\"\n'));
});
