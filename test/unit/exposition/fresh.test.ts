import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASH } from '../../../src/catalog/ash.js';
import { SURFACES } from '../../../src/catalog/surfaces.js';
import { WASMRUN } from '../../../src/catalog/wasmrun.js';
import { DocumentedSurface } from '../../../src/exposition/documented-surface.js';
import { renderHealth } from '../../../src/exposition/health.js';
import { renderJson } from '../../../src/exposition/json.js';
import { Ledger, type LedgerSnapshot } from '../../../src/ledger/ledger.js';
import { assertGolden } from '../../support/golden.js';
import { textOf, openMetricsOf, samplesOf } from '../../support/exposition.js';

function freshSnapshot(): LedgerSnapshot {
  return new Ledger({ tenantLimit: 10, now: () => 0 }).snapshot();
}

for (const surface of SURFACES) {
  test(`a fresh ${surface.dialect} server shows every documented family`, () => {
    const text = textOf(new DocumentedSurface(surface).families(freshSnapshot()));
    assertGolden(`${surface.dialect}.fresh.txt`, text);
  });

  test(`a family of ${surface.dialect} with an open label shows no sample yet, others all, at 0`, () => {
    for (const shown of new DocumentedSurface(surface).families(freshSnapshot())) {
      const { name } = shown;
      const family = surface.families.find((documented) => documented.name === name);
      const closed = family?.labels.every(({ values }) => values !== null) ?? false;
      const expected = family?.labels.reduce((n, { values }) => n * (values?.length ?? 0), 1) ?? 0;
      assert.equal(samplesOf(shown).split('\n').length - 1, closed ? expected : 0, name);
    }
  });
}

test('a fresh wasmrun server has every documented key in its JSON', () => {
  const documented = new DocumentedSurface(WASMRUN);
  const body = renderJson(documented, { snapshot: freshSnapshot(), sessions: [] });
  assertGolden('wasmrun.fresh.json', body);
});

test('a fresh ash server has every documented field in its health report', () => {
  assertGolden('ash.fresh.health.json', renderHealth(new DocumentedSurface(ASH), freshSnapshot()));
});

test('a fresh server shows all three documents in OpenMetrics', () => {
  const families = SURFACES.flatMap((surface) =>
    new DocumentedSurface(surface).families(freshSnapshot()),
  );
  assertGolden('all.fresh.openmetrics.txt', openMetricsOf(families));
});
