import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SURFACES, surfacesOf } from '../../../src/catalog/surfaces.js';
import { DIALECTS } from '../../../src/catalog/vocabulary.js';
import { golden } from '../../support/golden.js';

interface ContractMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
  readonly help: string | null;
  readonly json?: string;
}

interface ContractSurface {
  readonly path: string;
  readonly contentType: string;
  readonly metrics: readonly ContractMetric[];
}

const contract = JSON.parse(golden('metrics.json')) as Record<string, ContractSurface>;

test('the surfaces are the three documents, in the order of /metrics', () => {
  assert.deepEqual(
    SURFACES.map(({ dialect }) => dialect),
    ['wasmrun', 'ash', 'arbiter'],
  );
  assert.deepEqual([...DIALECTS], ['wasmrun', 'ash', 'arbiter']);
});

test('the catalog and the contract have the same 35 families', () => {
  const documented = DIALECTS.flatMap((dialect) => contract[dialect]?.metrics ?? []);
  assert.equal(documented.length, 35);
  assert.deepEqual(
    SURFACES.flatMap(({ families }) => families.map(({ name }) => name)),
    documented.map(({ name }) => name),
  );
});

for (const surface of SURFACES) {
  const documented = contract[surface.dialect];

  test(`${surface.dialect} is served at the documented path with the documented content type`, () => {
    assert.equal(surface.path, documented?.path);
    assert.equal(surface.contentType, documented?.contentType);
  });

  for (const [i, family] of surface.families.entries()) {
    test(`${family.name} is as the contract has it`, () => {
      const metric = documented?.metrics[i];
      assert.ok(metric !== undefined);
      assert.equal(family.type, metric.type);
      assert.deepEqual(
        family.labels.map(({ name, values }) => [name, values === null ? null : [...values]]),
        Object.entries(metric.labels),
      );
      assert.equal(family.json, metric.json);
      if (metric.help !== null) assert.equal(family.help, metric.help);
      assert.match(family.help, /^[A-Z].*[.)]$/);
    });
  }
}

test('no two families have one name', () => {
  const names = SURFACES.flatMap(({ families }) => families.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
});

test('the wasmrun path alone is guarded by keys and has a JSON format', () => {
  const those = (property: 'guarded' | 'json'): string[] =>
    SURFACES.filter((surface) => surface[property]).map(({ dialect }) => dialect);
  assert.deepEqual(those('guarded'), ['wasmrun']);
  assert.deepEqual(those('json'), ['wasmrun']);
});

test('arbiter alone closes the connection', () => {
  assert.deepEqual(
    SURFACES.filter(({ closesConnection }) => closesConnection).map(({ dialect }) => dialect),
    ['arbiter'],
  );
});

test('ash alone has a health report, at /health', () => {
  assert.deepEqual(
    SURFACES.map(({ healthPath }) => healthPath),
    [undefined, '/health', undefined],
  );
});

test('a dialect serves its own surface, and no dialect serves all three', () => {
  for (const dialect of DIALECTS) {
    assert.deepEqual(
      surfacesOf(dialect).map((surface) => surface.dialect),
      [dialect],
    );
  }
  assert.deepEqual(surfacesOf(undefined), SURFACES);
});
