import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SURFACES } from '../../../src/catalog/surfaces.js';
import { DocumentedSurface } from '../../../src/exposition/documented-surface.js';
import { sampleName, type ExpositionFamily } from '../../../src/exposition/text.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { textOf, familyOf } from '../../support/exposition.js';

const LABELS: readonly [string, string][] = [
  ['acme', 'acme'],
  ['a"b', 'a\\"b'],
  ['a\\b', 'a\\\\b'],
  ['a\nb', 'a\\nb'],
  ['a\\nb', 'a\\\\nb'],
  ['a\tb\rc', 'a\tb\rc'],
  ['{x="y"} 1', '{x=\\"y\\"} 1'],
  ['ü🚀', 'ü🚀'],
];

for (const [value, expected] of LABELS) {
  test(`the label value ${JSON.stringify(value)} is escaped as the text format has it`, () => {
    assert.equal(sampleName('m', [{ name: 'l', value }]), `m{l="${expected}"}`);
  });
}

test('a sample without labels has no braces, and several labels stand in their order', () => {
  assert.equal(sampleName('m', []), 'm');
  const labels = [
    { name: 'b', value: '1' },
    { name: 'a', value: '2' },
  ];
  assert.equal(sampleName('m', labels), 'm{b="1",a="2"}');
});

test('HELP escapes a backslash and a line feed, and leaves quotes alone', () => {
  const family = familyOf({ name: 'm', type: 'gauge', help: 'a\\b\n"c"', samples: 'm 1\n' });
  assert.equal(textOf([family]), '# HELP m a\\\\b\\n"c"\n# TYPE m gauge\nm 1\n');
});

test('families stand one after the other, and nothing is nothing', () => {
  const family = (name: string): ExpositionFamily =>
    familyOf({ name, type: 'counter', help: 'H.', samples: `${name} 1\n` });
  assert.equal(
    textOf([family('a'), family('b')]),
    '# HELP a H.\n# TYPE a counter\na 1\n# HELP b H.\n# TYPE b counter\nb 1\n',
  );
  assert.equal(textOf([]), '');
});

/** Reads the text format strictly; throws at what Prometheus would refuse. */
function parse(text: string): Map<string, number> {
  assert.ok(text.endsWith('\n'));
  const samples = new Map<string, number>();
  const families = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z0-9_]+) .+$/.exec(line)?.[1];
    if (help !== undefined) {
      assert.ok(!families.has(help), `two HELP for ${help}`);
      families.add((current = help));
      continue;
    }
    if (line.startsWith('# TYPE ')) {
      assert.match(line, new RegExp(`^# TYPE ${current} (counter|gauge)$`));
      continue;
    }
    const sample = /^([a-z0-9_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\d+)$/.exec(
      line,
    );
    assert.equal(sample?.[1], current, `not a sample of ${current}: ${line}`);
    const name = line.slice(0, line.lastIndexOf(' '));
    assert.ok(!samples.has(name), `two samples ${name}`);
    samples.set(name, Number(sample[3]));
  }
  return samples;
}

test('the three documents together are valid, whatever a tenant is called', () => {
  const ledger = new Ledger({ tenantLimit: 100 });
  const { requestStarted, requestActive, requestRateLimited } = ledger.tables;
  const tenants = [
    'a"b',
    'a\nb',
    'a\\',
    '',
    '-',
    '} 1',
    'x'.repeat(10_000),
    'b\0',
    'c\ud800',
    '\u001f',
  ];
  for (const tenant of tenants) {
    requestStarted.add(requestStarted.row(tenant, 'messages'), 1);
    requestActive.row(tenant);
    requestRateLimited.row(tenant, 'rate_limit');
  }
  const snapshot = ledger.snapshot();
  const text = textOf(
    SURFACES.flatMap((surface) => new DocumentedSurface(surface).families(snapshot)),
  );
  const names = [...parse(text).keys()];
  const started = names.filter((name) => name.startsWith('arbiter_requests_started_total{'));
  assert.equal(started.length, tenants.length);
});
