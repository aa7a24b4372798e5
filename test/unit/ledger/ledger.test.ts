import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTRUMENTS } from '../../../src/catalog/instruments.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { rowsOf } from '../../support/exposition.js';

test('there is one table for each canonical instrument', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  assert.deepEqual(Object.keys(tables), Object.keys(INSTRUMENTS));
});

test('tenants past the limit share _overflow, and the folded measurements are counted', () => {
  const { tables } = new Ledger({ tenantLimit: 2 });
  const { requestActive, ledgerOverflow } = tables;
  for (const tenant of ['a', 'b', 'c', 'd', 'c']) requestActive.add(requestActive.row(tenant), 1);
  const snapshot = requestActive.snapshot();
  const { values } = snapshot;
  assert.deepEqual(rowsOf(snapshot), [['a'], ['b'], ['_overflow']]);
  assert.deepEqual([...values], [1, 1, 3]);
  assert.equal(ledgerOverflow.get(ledgerOverflow.row('agent.tenant.id')), 3);
});

test('a tenant is known in every table or in none', () => {
  const { tables } = new Ledger({ tenantLimit: 1 });
  tables.requestStarted.row('a', 'messages');
  tables.requestActive.row('b');
  tables.requestActive.row('a');
  assert.deepEqual(rowsOf(tables.requestActive.snapshot()), [['_overflow'], ['a']]);
});

test('the limit of tenants leaves other attributes alone', () => {
  const { tables } = new Ledger({ tenantLimit: 1 });
  const { providerCalls, ledgerOverflow } = tables;
  for (let i = 0; i < 1_000; i++) providerCalls.row(`provider ${i}`);
  assert.equal(providerCalls.size, 1_000);
  assert.equal(ledgerOverflow.size, 0);
});

test('any other open attribute folds past a thousand values, and that is counted too', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const { providerCalls, ledgerOverflow } = tables;
  for (let i = 0; i < 1_005; i++) providerCalls.row(`provider ${i}`);
  assert.equal(providerCalls.size, 1_001);
  assert.equal(ledgerOverflow.get(ledgerOverflow.row('gen_ai.provider.name')), 5);
});

test('a value outside a closed set is _OTHER', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  tables.requestStarted.row('a', 'delete_everything');
  assert.deepEqual(rowsOf(tables.requestStarted.snapshot()), [['a', '_OTHER']]);
});

test('a value of 10 kB does not become a key as it stands, and two of them stay two', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const long = 'x'.repeat(10_000);
  assert.notEqual(tables.requestActive.row(`${long}a`), tables.requestActive.row(`${long}b`));
  assert.equal(tables.requestActive.row(`${long}a`), tables.requestActive.row(`${long}a`));
  for (const [tenant] of rowsOf(tables.requestActive.snapshot())) {
    assert.equal(tenant?.length, 256);
  }
});

test('a number given for a tenant is the same tenant as its digits', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  assert.equal(tables.requestActive.row(1 as unknown as string), tables.requestActive.row('1'));
});

test('a snapshot says when the ledger began and when it was taken', () => {
  let time = 1_000;
  const ledger = new Ledger({ tenantLimit: 10, now: () => time });
  time = 4_500;
  const { startTimeMs, timeMs } = ledger.snapshot();
  assert.deepEqual([startTimeMs, timeMs], [1_000, 4_500]);
});

test('what is observed is read before the snapshot is taken', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  ledger.observers.set('limit', async () => {
    await Promise.resolve();
    ledger.tables.sandboxLimit.set(0, 1_000);
  });
  assert.equal((await ledger.observe()).tables.sandboxLimit.values[0], 1_000);
});
