import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARBITER } from '../../../src/catalog/arbiter.js';
import { WASMRUN } from '../../../src/catalog/wasmrun.js';
import type { Surface } from '../../../src/catalog/documented.js';
import { DocumentedSurface } from '../../../src/exposition/documented-surface.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { textOf, samplesOf } from '../../support/exposition.js';

/** The sample lines of one family. */
function samplesNamed(
  ledger: Ledger,
  name: string,
  { surface = ARBITER, without }: { surface?: Surface; without?: string } = {},
): string[] {
  const families = new DocumentedSurface(surface, { without }).families(ledger.snapshot());
  return samplesOf(families.find((family) => family.name === name))
    .split('\n')
    .slice(0, -1);
}

const STARTED = 'arbiter_requests_started_total';

function createLedger(): Ledger {
  return new Ledger({ tenantLimit: 10 });
}

function start(ledger: Ledger, tenant: string, route = 'messages'): void {
  const { requestStarted } = ledger.tables;
  requestStarted.add(requestStarted.row(tenant, route), 1);
}

test('tenants stand in the order in which they appeared anywhere, routes in the document’s', () => {
  const ledger = createLedger();
  ledger.tables.requestActive.row('zebra');
  start(ledger, 'ant', 'agent_chat');
  start(ledger, 'ant', 'orchestrate');
  start(ledger, 'zebra', 'messages');
  assert.deepEqual(samplesNamed(ledger, STARTED), [
    `${STARTED}{tenant="zebra",route="messages"} 1`,
    `${STARTED}{tenant="ant",route="orchestrate"} 1`,
    `${STARTED}{tenant="ant",route="agent_chat"} 1`,
  ]);
});

test('the order stays the document’s when series are added between scrapes', () => {
  const ledger = createLedger();
  const documented = new DocumentedSurface(ARBITER);
  const scrape = (): string =>
    samplesOf(documented.families(ledger.snapshot()).find(({ name }) => name === STARTED));
  start(ledger, '1', 'messages');
  start(ledger, '2', 'messages');
  scrape();
  start(ledger, '1', 'orchestrate');
  assert.equal(
    scrape(),
    `${STARTED}{tenant="1",route="orchestrate"} 1\n` +
      `${STARTED}{tenant="1",route="messages"} 1\n` +
      `${STARTED}{tenant="2",route="messages"} 1\n`,
  );
});

test('_overflow stands after all tenants', () => {
  const ledger = new Ledger({ tenantLimit: 1 });
  for (const tenant of ['a', 'b', 'c']) start(ledger, tenant);
  assert.deepEqual(samplesNamed(ledger, STARTED), [
    `${STARTED}{tenant="a",route="messages"} 1`,
    `${STARTED}{tenant="_overflow",route="messages"} 2`,
  ]);
});

test('a value outside a closed set never appears in the documented text', () => {
  const ledger = createLedger();
  start(ledger, '1', 'undocumented');
  ledger.tables.providerCalls.add(ledger.tables.providerCalls.row('mistral_ai'), 1);
  assert.deepEqual(samplesNamed(ledger, STARTED), []);
  assert.equal(samplesNamed(ledger, 'arbiter_provider_calls_total').length, 4);
});

test('millisecond sums keep their fractions and are floored when they are shown', () => {
  const ledger = createLedger();
  const { execDuration } = ledger.tables;
  const shown = (): string[] =>
    samplesNamed(ledger, 'wasmrun_agent_exec_duration_ms_sum', { surface: WASMRUN });
  execDuration.record(execDuration.row('success'), 0.6);
  assert.deepEqual(shown(), ['wasmrun_agent_exec_duration_ms_sum 0']);
  execDuration.record(execDuration.row('error'), 0.6);
  assert.deepEqual(shown(), ['wasmrun_agent_exec_duration_ms_sum 1']);
});

test('provider errors are 5xx, 429 or neither by their error type', () => {
  const ledger = createLedger();
  const { providerErrors } = ledger.tables;
  for (const type of ['500', '529', 'ECONNRESET', '429', '400', '404']) {
    providerErrors.add(providerErrors.row('gcp.gemini', type), 1);
  }
  assert.equal(
    samplesNamed(ledger, 'arbiter_provider_5xx_total')[2],
    'arbiter_provider_5xx_total{provider="gemini"} 3',
  );
  assert.equal(
    samplesNamed(ledger, 'arbiter_provider_429_total')[2],
    'arbiter_provider_429_total{provider="gemini"} 1',
  );
});

test('aggregate=tenant sums the tenant away in every family that has it', () => {
  const ledger = createLedger();
  for (const tenant of ['1', '2', '2']) start(ledger, tenant);
  const { requestActive, requestDuration } = ledger.tables;
  requestActive.add(requestActive.row('1'), 2);
  requestActive.add(requestActive.row('2'), 1);
  requestDuration.record(requestDuration.row('1', 'messages', 'true'), 0.7);
  requestDuration.record(requestDuration.row('2', 'messages', 'false'), 0.7);
  const aggregated = (name: string): string[] => samplesNamed(ledger, name, { without: 'tenant' });
  assert.deepEqual(aggregated(STARTED), [
    `${STARTED}{route="orchestrate"} 0`,
    `${STARTED}{route="messages"} 3`,
    `${STARTED}{route="agent_chat"} 0`,
  ]);
  assert.deepEqual(aggregated('arbiter_in_flight'), ['arbiter_in_flight 3']);
  const sums = aggregated('arbiter_request_duration_ms_sum');
  assert.equal(sums[1], 'arbiter_request_duration_ms_sum{route="messages"} 1');
  for (const { name } of ARBITER.families) {
    assert.doesNotMatch(aggregated(name).join(), /tenant=/);
  }
});

test('aggregate=tenant leaves a surface without tenants as it is', () => {
  const ledger = createLedger();
  const whole = new DocumentedSurface(WASMRUN);
  const without = new DocumentedSurface(WASMRUN, { without: 'tenant' });
  const [expected, actual] = [whole, without].map((documented) =>
    textOf(documented.families(ledger.snapshot())),
  );
  assert.equal(actual, expected);
});

test('uptime is whole seconds', () => {
  let time = 5_000;
  const ledger = new Ledger({ tenantLimit: 10, now: () => time });
  time = 6_999;
  assert.equal(ledger.snapshot().timeMs - ledger.snapshot().startTimeMs, 1_999);
  const documented = new DocumentedSurface({
    ...WASMRUN,
    families: [{ name: 'up_s', type: 'gauge', help: '', labels: [], source: { fact: 'uptime' } }],
  });
  assert.equal(documented.value(ledger.snapshot(), 'up_s'), 1);
});

test('the value of a single series is found by its labels, and is 0 where there is none', () => {
  const ledger = createLedger();
  start(ledger, '1');
  const documented = new DocumentedSurface(ARBITER);
  assert.equal(documented.value(ledger.snapshot(), STARTED, '1', 'messages'), 1);
  assert.equal(documented.value(ledger.snapshot(), STARTED, '2', 'messages'), 0);
  assert.equal(documented.value(ledger.snapshot(), 'no_such_family'), 0);
});
