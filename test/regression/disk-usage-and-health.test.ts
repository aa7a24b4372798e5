import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARBITER } from '../../src/catalog/arbiter.js';
import { ASH } from '../../src/catalog/ash.js';
import { WASMRUN } from '../../src/catalog/wasmrun.js';
import { createPages } from '../../src/endpoint/pages.js';
import { Ledger } from '../../src/ledger/ledger.js';

// Measuring the directories of sessions can take long. Only wasmrun's document shows what it
// finds, and a health probe must not wait for it.
test('nobody waits for disk usage who does not look at it', async () => {
  const ledger = new Ledger({ tenantLimit: 1 });
  let measured = 0;
  const measure = (): void => {
    measured++;
  };
  ledger.observers.set('session disk usage', measure, ['sessionDiskUsage']);
  const pages = createPages({
    ledger,
    surfaces: [WASMRUN, ASH, ARBITER],
    sessions: () => [],
    hideTenants: false,
    serializeOthers: () => undefined,
    onProblem: () => undefined,
  });
  await pages.health(ASH);
  await pages.documented(ASH, new URLSearchParams());
  await pages.documented(ARBITER, new URLSearchParams());
  assert.equal(measured, 0);
  await pages.documented(WASMRUN, new URLSearchParams());
  await pages.everything(false);
  assert.equal(measured, 2);
});
