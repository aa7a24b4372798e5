import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstrumentDeclaration } from '../../../src/catalog/instrument.js';
import { Table } from '../../../src/ledger/table.js';
import { ClosedDomain } from '../../../src/ledger/domain.js';
import { Interner } from '../../../src/ledger/interner.js';
import { rowsOf } from '../../support/exposition.js';

function declare(changes: Partial<InstrumentDeclaration> = {}): InstrumentDeclaration {
  return {
    name: 'test.x',
    kind: 'counter',
    unit: '1',
    description: 'X.',
    attributes: [],
    ...changes,
  };
}

function createTable(changes: Partial<InstrumentDeclaration> = {}): Table {
  const declaration = declare(changes);
  return new Table(
    declaration,
    declaration.attributes.map(({ values }) =>
      values === undefined
        ? new Interner({ limit: 10_000, onOverflow: () => undefined })
        : new ClosedDomain(values),
    ),
  );
}

const open = (key: string): { key: string } => ({ key });

test('an instrument without attributes has its one row from the start, at 0', () => {
  const table = createTable();
  assert.equal(table.size, 1);
  assert.equal(table.row(), 0);
  assert.equal(table.get(0), 0);
});

test('closed attributes have all of their rows from the start, at 0 and in order', () => {
  const table = createTable({
    attributes: [
      { key: 'a', values: ['x', 'y'] },
      { key: 'b', values: ['1', '2'] },
    ],
  });
  const expected = [
    ['x', '1'],
    ['x', '2'],
    ['y', '1'],
    ['y', '2'],
  ];
  const snapshot = table.snapshot();
  const { values, size } = snapshot;
  assert.deepEqual(rowsOf(snapshot), expected);
  assert.equal(size, 4);
  assert.deepEqual([...values], [0, 0, 0, 0]);
});

test('an open attribute has no row until it is asked for', () => {
  const table = createTable({ attributes: [open('a'), { key: 'b', values: ['1'] }] });
  assert.equal(table.size, 0);
  table.row('x', '1');
  assert.deepEqual(rowsOf(table.snapshot()), [['x', '1']]);
});

test('the same attribute values are always the same row, at every depth', () => {
  for (const depth of [1, 2, 3, 4]) {
    const attributes = ['a', 'b', 'c', 'd'].slice(0, depth).map(open);
    const table = createTable({ attributes });
    const first = table.row('p', 'q', 'r', 's');
    const last = ['p', 'q', 'r', 's'].with(depth - 1, 'other') as [string, string, string, string];
    assert.notEqual(table.row(...last), first);
    assert.equal(table.row('p', 'q', 'r', 's'), first);
    assert.equal(table.size, 2);
  }
});

test('closed attributes around an open one are told apart, in every combination', () => {
  const closed = (key: string): { key: string; values: string[] } => ({ key, values: ['1', '2'] });
  const table = createTable({ attributes: [closed('a'), open('b'), closed('c')] });
  const rows = new Map<number, readonly string[]>();
  for (const b of ['x', 'y', 'z']) {
    for (const a of ['1', '2', 'other']) {
      for (const c of ['2', '1', 'other']) rows.set(table.row(a, b, c), [a, b, c]);
    }
  }
  assert.equal(table.size, 27);
  for (const [row, values] of rows) {
    const shown = values.map((value) => (value === 'other' ? '_OTHER' : value));
    assert.deepEqual(table.valuesOf(row), shown);
    const [a, b, c] = values;
    assert.equal(table.row(a, b, c), row);
  }
});

test('values that are folded into one are counted in one row, at one attribute and at two', () => {
  for (const attributes of [[open('a')], [open('a'), open('b')]]) {
    const domains = attributes.map(() => new Interner({ limit: 1, onOverflow: () => undefined }));
    const table = new Table(declare({ attributes }), domains);
    table.row('first', 'first');
    assert.equal(table.row('second', 'first'), table.row('third', 'first'));
    assert.deepEqual(table.valuesOf(1)[0], '_overflow');
    assert.equal(table.size, 2);
  }
});

test('a counter adds and an up-down counter can be set', () => {
  const table = createTable({ kind: 'upDownCounter' });
  table.add(0, 3);
  table.add(0, -1);
  assert.equal(table.get(0), 2);
  table.set(0, 7);
  assert.equal(table.get(0), 7);
});

test('a table grows past its first rows and keeps every cell of every row', () => {
  const table = createTable({ kind: 'histogram', attributes: [open('a')], boundaries: [1, 2] });
  for (let i = 0; i < 1_000; i++) {
    const row = table.row(`value ${i}`);
    assert.equal(row, i);
    for (let n = 0; n <= i % 3; n++) table.record(row, (i % 3) + 0.5);
  }
  const { values, sums, buckets, size } = table.snapshot();
  assert.equal(size, 1_000);
  for (let i = 0; i < 1_000; i++) {
    const times = (i % 3) + 1;
    assert.equal(values[i], times);
    assert.equal(sums[i], times * ((i % 3) + 0.5));
    assert.deepEqual([...buckets.subarray(i * 3, i * 3 + 3)], [0, 0, 0].with(i % 3, times));
  }
});

test('bucket bounds are inclusive above and the last bucket takes the rest', () => {
  const table = createTable({ kind: 'histogram', boundaries: [1, 2] });
  for (const value of [0, 1, 1.001, 2, 2.001, 1e9]) table.record(0, value);
  assert.deepEqual([...table.snapshot().buckets], [2, 2, 2]);
});

test('buckets are in the unit while the sum stays as it was recorded', () => {
  const table = createTable({ kind: 'histogram', unit: 's', scale: 0.001, boundaries: [0.01, 1] });
  for (const milliseconds of [10, 11, 1_000, 1_001]) table.record(0, milliseconds);
  const { buckets, sums, values } = table.snapshot();
  assert.deepEqual([...buckets], [1, 2, 1]);
  assert.equal(sums[0], 2_022);
  assert.equal(values[0], 4);
});

test('a histogram without boundaries keeps sum and count alone', () => {
  const table = createTable({ kind: 'histogram' });
  table.record(0, 2.5);
  const { values, sums, buckets } = table.snapshot();
  assert.deepEqual([values[0], sums[0], buckets.length], [1, 2.5, 0]);
});

test('nothing that happens after a snapshot changes it', () => {
  const table = createTable({ kind: 'histogram', attributes: [open('a')], boundaries: [1] });
  table.record(table.row('x'), 1);
  const before = table.snapshot();
  table.record(table.row('x'), 1);
  for (let i = 0; i < 50; i++) table.record(table.row(`later ${i}`), 1);
  assert.equal(before.size, 1);
  assert.deepEqual([...before.values], [1]);
  assert.deepEqual([...before.sums], [1]);
  assert.deepEqual([...before.buckets], [1, 0]);
});

test('who follows a table is told of each measurement as it was recorded', () => {
  const table = createTable({ kind: 'histogram', scale: 0.001, attributes: [open('a')] });
  const told: [number, number][] = [];
  table.onRecord = (row, measurement) => told.push([row, measurement]);
  table.record(table.row('x'), 5);
  table.record(table.row('y'), 7);
  assert.deepEqual(told, [
    [0, 5],
    [1, 7],
  ]);
});
