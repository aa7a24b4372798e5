import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARBITER } from '../../../src/catalog/arbiter.js';
import { ASH } from '../../../src/catalog/ash.js';
import type { Surface } from '../../../src/catalog/documented.js';
import { WASMRUN } from '../../../src/catalog/wasmrun.js';
import { DocumentedSurface } from '../../../src/exposition/documented-surface.js';
import { renderHealth } from '../../../src/exposition/health.js';
import { renderJson } from '../../../src/exposition/json.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { golden } from '../../support/golden.js';
import { textOf } from '../../support/exposition.js';

const DAY_MS = 86_400_000;

function pageOf(surface: Surface, ledger: Ledger): string {
  return textOf(new DocumentedSurface(surface).families(ledger.snapshot()));
}

/** The parts of a document's example between its ellipses. */
function exampleBlocks(name: string): string[] {
  return golden(name).split('...\n');
}

/** The JSON of a document's example, written as compactly as ours. */
function exampleJson(name: string): string {
  return `${JSON.stringify(JSON.parse(golden(name)))}\n`;
}

function wasmrunExample(): Ledger {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { tables } = ledger;
  for (let i = 0; i < 12; i++) tables.execDuration.record(tables.execDuration.row('success'), 300);
  tables.execDuration.record(tables.execDuration.row('error'), 600);
  tables.sessionCreated.add(0, 20);
  tables.sessionActive.add(0, 3);
  tables.sessionTracked.add(0, 3);
  tables.execActive.add(0, 1);
  tables.sessionDiskUsage.add(0, 16_384);
  return ledger;
}

function ashExample(): Ledger {
  let time = 0;
  const ledger = new Ledger({ tenantLimit: 10, now: () => time });
  time = DAY_MS + 999;
  const { sandboxCount, sandboxLimit, sessionActive, sessionResumed } = ledger.tables;
  const pool = { cold: 2, warming: 1, warm: 2, waiting: 3, running: 2 };
  for (const [state, count] of Object.entries(pool)) {
    sandboxCount.set(sandboxCount.row(state), count);
  }
  sandboxLimit.set(0, 1000);
  sessionActive.add(0, 3);
  sessionResumed.add(sessionResumed.row('warm'), 42);
  sessionResumed.add(sessionResumed.row('cold'), 7);
  return ledger;
}

test('the text example of the wasmrun document is reproduced to the letter', () => {
  const text = pageOf(WASMRUN, wasmrunExample());
  for (const block of exampleBlocks('wasmrun.example.txt')) {
    assert.ok(text.includes(block), `${text}\ndoes not contain\n${block}`);
  }
});

test('the JSON example of the wasmrun document is reproduced, keys in its order', () => {
  const body = renderJson(new DocumentedSurface(WASMRUN), {
    snapshot: wasmrunExample().snapshot(),
    sessions: undefined,
  });
  assert.equal(body, exampleJson('wasmrun.example.json'));
});

test('the session example of the wasmrun document is reproduced, in open mode', () => {
  const body = renderJson(new DocumentedSurface(WASMRUN), {
    snapshot: wasmrunExample().snapshot(),
    sessions: [
      { id: 'a1b2c3...', diskBytes: 8192, memoryCapPages: 4096 },
      { id: 'd4e5f6...', diskBytes: 0, memoryCapPages: null },
    ],
  });
  const rows =
    '"sessions":[{"id":"a1b2c3...","disk_bytes":8192,"memory_cap_pages":4096},' +
    '{"id":"d4e5f6...","disk_bytes":0,"memory_cap_pages":null}]}\n';
  assert.equal(body, exampleJson('wasmrun.example.json').replace(/}\n$/, `,${rows}`));
});

// The examples of the ash document show five live sandboxes beside a pool of ten whose
// states say that eight have a process: all but the two cold ones.
const LIVE_IN_POOL = 8;

test('the text example of the ash document is reproduced to the letter, live count aside', () => {
  const expected = golden('ash.example.txt').replace(
    'ash_active_sandboxes 5',
    `ash_active_sandboxes ${LIVE_IN_POOL}`,
  );
  assert.equal(pageOf(ASH, ashExample()), expected);
});

test('the health example of the ash document is reproduced, keys in its order, live count aside', () => {
  const expected = exampleJson('ash.example.health.json').replace(
    '"activeSandboxes":5',
    `"activeSandboxes":${LIVE_IN_POOL}`,
  );
  const snapshot = ashExample().snapshot();
  assert.equal(renderHealth(new DocumentedSurface(ASH), snapshot), expected);
});

test('five live sandboxes show as in the ash document', () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { sandboxCount } = ledger.tables;
  for (const state of ['warming', 'warm', 'waiting', 'running']) {
    sandboxCount.add(sandboxCount.row(state), 1);
  }
  sandboxCount.add(sandboxCount.row('running'), 1);
  sandboxCount.add(sandboxCount.row('cold'), 9);
  const live = '# TYPE ash_active_sandboxes gauge\nash_active_sandboxes 5\n';
  assert.ok(pageOf(ASH, ledger).includes(live));
});

test('the example of the arbiter document is reproduced to the letter', () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { requestStarted, requestActive } = ledger.tables;
  requestStarted.add(requestStarted.row('1', 'messages'), 47);
  requestStarted.add(requestStarted.row('2', 'orchestrate'), 3);
  requestStarted.add(requestStarted.row('1', 'orchestrate'), 12);
  requestActive.add(requestActive.row('2'), 0);
  requestActive.add(requestActive.row('1'), 2);
  const text = pageOf(ARBITER, ledger);
  for (const block of exampleBlocks('arbiter.example.txt')) {
    assert.ok(text.includes(block), `${text}\ndoes not contain\n${block}`);
  }
});
