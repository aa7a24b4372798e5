import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiKeys } from '../../../src/endpoint/api-keys.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { serve } from './served.js';

const ANY_KEY: ApiKeys = { tenantOf: () => 'acme' };

function ledgerWithTenants(): Ledger {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { requestActive } = ledger.tables;
  requestActive.add(requestActive.row('1'), 2);
  requestActive.add(requestActive.row('2'), 3);
  return ledger;
}

test('/v1/metrics?aggregate=tenant sums the tenant away', async (t) => {
  const { ask } = await serve(t, { ledger: ledgerWithTenants() });
  const { body } = await ask('/v1/metrics?aggregate=tenant');
  assert.match(body, /^arbiter_in_flight 5$/m);
  assert.doesNotMatch(body, /tenant="/);
  assert.match(
    (await ask('/v1/metrics?aggregate=route')).body,
    /^arbiter_in_flight\{tenant="1"\} 2$/m,
  );
});

test('in open mode the JSON has the active sessions, an unlimited cap as null', async (t) => {
  const { ask } = await serve(t, {
    sessions: () => [{ id: 's1', diskBytes: 8192, memoryCapPages: null }],
  });
  const { body } = await ask('/api/v1/metrics?format=json');
  assert.ok(body.endsWith('"sessions":[{"id":"s1","disk_bytes":8192,"memory_cap_pages":null}]}\n'));
  assert.doesNotMatch((await ask('/api/v1/metrics')).body, /s1/);
});

test('in auth mode the JSON has no sessions', async (t) => {
  const { ask } = await serve(t, { keys: ANY_KEY });
  const { body } = await ask('/api/v1/metrics?format=json');
  assert.equal('sessions' in (JSON.parse(body) as object), false);
});

test('in auth mode what a key shows names no tenant', async (t) => {
  const { ask } = await serve(t, { keys: ANY_KEY, ledger: ledgerWithTenants() });
  const { body } = await ask('/metrics');
  assert.match(body, /^arbiter_in_flight 5$/m);
  assert.doesNotMatch(body, /tenant="/);
});

test('the gauges that a host keeps are read before a page is shown', async (t) => {
  const ledger = new Ledger({ tenantLimit: 10 });
  ledger.observers.set('pool', () => {
    ledger.tables.sandboxLimit.set(0, 16);
  });
  const { ask } = await serve(t, { ledger });
  assert.match((await ask('/health')).body, /"maxCapacity":16/);
});

test('everything else follows the documents, each name once', async (t) => {
  const { ask, problems } = await serve(t, {
    serializeOthers: () =>
      Promise.resolve([
        '# HELP host_jobs_total J.\n# TYPE host_jobs_total counter\nhost_jobs_total{s="1"} 1\n',
        '# HELP host_jobs_total J.\n# TYPE host_jobs_total counter\nhost_jobs_total{s="2"} 1\n',
        '# HELP ash_up Theirs.\n# TYPE ash_up gauge\nash_up 0\n',
      ]),
  });
  const { body } = await ask('/metrics');
  assert.ok(body.endsWith('host_jobs_total{s="1"} 1\nhost_jobs_total{s="2"} 1\n'));
  assert.equal(body.match(/^# TYPE host_jobs_total /gm)?.length, 1);
  assert.equal(body.match(/^# TYPE ash_up /gm)?.length, 1);
  assert.match(body, /^ash_up 1$/m);
  assert.deepEqual(problems, []);
});

test('a name with two types is reported, and /metrics shows the first', async (t) => {
  const { ask, problems } = await serve(t, {
    serializeOthers: () =>
      Promise.resolve(['# HELP a A.\n# TYPE a counter\na 1\n# HELP a A.\n# TYPE a gauge\na 2\n']),
  });
  const { body } = await ask('/metrics');
  assert.ok(body.endsWith('# TYPE a counter\na 1\n'));
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^a .*two types/);
});

for (const [how, serializeOthers] of [
  ['rejects', () => Promise.reject(new Error('shut down'))],
  [
    'throws',
    () => {
      throw new Error('shut down');
    },
  ],
] as const) {
  test(`the documents are served also when collecting the rest ${how}`, async (t) => {
    const { ask, problems } = await serve(t, { serializeOthers });
    const { status, body } = await ask('/metrics');
    assert.equal(status, 200);
    assert.match(body, /^ash_up 1$/m);
    assert.match(problems[0] ?? '', /shut down/);
  });
}

test('a page that cannot be rendered is a 500 and a problem, never a crash', async (t) => {
  const { ask, problems } = await serve(t, {
    sessions: () => {
      throw new Error('no registry');
    },
  });
  const { status, headers, body } = await ask('/api/v1/metrics?format=json');
  assert.equal(status, 500);
  assert.equal(headers['content-type'], 'application/json');
  assert.doesNotMatch(body, /registry/);
  assert.match(problems[0] ?? '', /no registry/);
});
