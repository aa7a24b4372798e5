import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../../../src/ledger/ledger.js';
import { sumAway } from '../../../src/ledger/sum-away.js';
import { rowsOf } from '../../support/exposition.js';

test('rows that differ in the summed attribute alone become one, without it', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const { requestStarted } = tables;
  requestStarted.add(requestStarted.row('a', 'orchestrate'), 12);
  requestStarted.add(requestStarted.row('b', 'messages'), 47);
  requestStarted.add(requestStarted.row('b', 'orchestrate'), 3);
  const summed = sumAway(requestStarted.snapshot(), 'agent.tenant.id');
  const { values, size } = summed;
  assert.deepEqual(rowsOf(summed), [
    ['', 'orchestrate'],
    ['', 'messages'],
  ]);
  assert.deepEqual([...values], [15, 47]);
  assert.equal(size, 2);
});

test('sums and buckets are summed as well, each in its place', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const { genAiTokenUsage } = tables;
  for (const model of ['m1', 'm2']) {
    const row = genAiTokenUsage.row('chat', 'openai', model, 'input');
    genAiTokenUsage.record(row, 1);
    genAiTokenUsage.record(row, 4);
  }
  const summed = sumAway(genAiTokenUsage.snapshot(), 'gen_ai.request.model');
  const { values, sums, buckets } = summed;
  assert.deepEqual(rowsOf(summed), [['chat', 'openai', '', 'input']]);
  assert.deepEqual([values[0], sums[0]], [4, 10]);
  assert.equal(buckets.length, 15);
  assert.deepEqual([...buckets.subarray(0, 3)], [2, 2, 0]);
});

test('a table without the attribute is returned as it is', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const snapshot = tables.execRejected.snapshot();
  assert.equal(sumAway(snapshot, 'agent.tenant.id'), snapshot);
});

test('an empty table stays empty', () => {
  const { tables } = new Ledger({ tenantLimit: 10 });
  const { size, values } = sumAway(tables.requestActive.snapshot(), 'agent.tenant.id');
  assert.deepEqual([size, values.length], [0, 0]);
});
