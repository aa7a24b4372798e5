import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { ARBITER } from '../../../src/catalog/arbiter.js';
import { createPages, type Page } from '../../../src/endpoint/pages.js';
import { inSlices, slicesOf } from '../../../src/endpoint/slices.js';
import { writeAll, type Batches } from '../../../src/endpoint/write-all.js';
import { Ledger } from '../../../src/ledger/ledger.js';

test('work that takes long leaves the event loop its turns, in order and to its end', async () => {
  let turns = 0;
  let going = true;
  const turn = (): void => {
    turns++;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const done: number[] = [];
  const work = function* (): Generator<void> {
    for (let piece = 0; piece < 10; piece++) {
      const until = performance.now() + 6;
      while (performance.now() < until);
      done.push(piece);
      yield;
    }
  };
  await inSlices(work());
  going = false;
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(turns >= 9, String(turns));
});

test('work pauses as well when there is enough of what it makes, and goes on where it was', async () => {
  const made: number[] = [];
  const work = function* (): Generator<void> {
    for (let piece = 0; piece < 10; piece++) {
      made.push(piece);
      yield;
    }
  };
  let taken = 0;
  const pauses: number[] = [];
  const slices = slicesOf(work(), () => made.length - taken >= 4);
  while ((await slices.next()).done !== true) {
    pauses.push(made.length - taken);
    taken = made.length;
  }
  // Somebody else may have had the processor for a slice meanwhile: then there are more pauses.
  assert.ok(pauses.length >= 2, pauses.join());
  assert.ok(Math.max(...pauses) === 4, pauses.join());
  assert.deepEqual(made, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('an error in the work is the caller’s', async () => {
  const work = function* (): Generator<void> {
    yield;
    throw new Error('broken');
  };
  await assert.rejects(inSlices(work()), /broken/);
});

const TENANTS = 20_000;

function manyTenants(): Ledger {
  const ledger = new Ledger({ tenantLimit: TENANTS * 2 });
  const { requestStarted } = ledger.tables;
  for (let i = 0; i < TENANTS; i++) {
    requestStarted.add(requestStarted.row(`tenant ${i}`, 'messages'), 1);
  }
  return ledger;
}

function isBatches(body: readonly Uint8Array[] | Batches): body is Batches {
  return !Array.isArray(body);
}

async function scrape(t: TestContext, ledger: Ledger): Promise<string> {
  const body = await bodyOf(t, ledger);
  const bytes = new PassThrough();
  const page = text(bytes);
  await writeAll(isBatches(body) ? body : [{ pieces: body }], bytes);
  return page;
}

async function bodyOf(t: TestContext, ledger: Ledger): Promise<Page['body']> {
  const pages = createPages({
    ledger,
    surfaces: [ARBITER],
    sessions: () => undefined,
    hideTenants: false,
    serializeOthers: () => undefined,
    onProblem: (_, problem) => {
      t.diagnostic(problem);
    },
  });
  return (await pages.documented(ARBITER, new URLSearchParams())).body;
}

test('of a long page a quarter of a megabyte and a little more is written at a time', async (t) => {
  const body = await bodyOf(t, manyTenants());
  assert.ok(isBatches(body), 'a page of 20,000 tenants is long');
  let batches = 0;
  for await (const { pieces } of body) {
    batches++;
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    assert.ok(bytes < 400_000, String(bytes));
  }
  assert.ok(batches > 4, String(batches));
});

test('a page of many series is one moment, whatever happens while it is written', async (t) => {
  const ledger = manyTenants();
  const { requestStarted, requestActive } = ledger.tables;
  let changes = 0;
  const change = (): void => {
    changes++;
    for (let i = 0; i < TENANTS; i += 100) {
      requestStarted.add(requestStarted.row(`tenant ${i}`, 'messages'), 1);
    }
    requestStarted.row(`later ${changes}`, 'messages');
    requestActive.row(`later ${changes}`);
  };
  const timer = setInterval(change, 0);
  t.after(() => {
    clearInterval(timer);
  });
  const [first, second] = await Promise.all([scrape(t, ledger), scrape(t, ledger)]);
  clearInterval(timer);
  for (const text of [first, second]) {
    const samples = text.split('\n').filter((line) => line.startsWith('arbiter_requests_started'));
    assert.equal(samples.length, TENANTS);
    assert.ok(samples.every((line) => line.endsWith(' 1')));
  }
  assert.ok(changes > 0);
  const later = await scrape(t, ledger);
  assert.match(later, /^arbiter_requests_started_total\{tenant="later 1",route="messages"\} 0$/m);
  assert.match(
    later,
    /^arbiter_requests_started_total\{tenant="tenant 100",route="messages"\} \d+$/m,
  );
});
