import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstrumentDeclaration } from '../../../src/catalog/instrument.js';
import { INSTRUMENTS, SCOPE_NAME } from '../../../src/catalog/instruments.js';
import { SURFACES } from '../../../src/catalog/surfaces.js';

const declarations: readonly InstrumentDeclaration[] = Object.values(INSTRUMENTS);
const KINDS = ['counter', 'upDownCounter', 'histogram'];

for (const declaration of declarations) {
  const { name, unit, kind, attributes, boundaries, description } = declaration;

  test(`${name} follows the naming rules of OpenTelemetry`, () => {
    assert.match(name, /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/);
    assert.doesNotMatch(name, /_total$|_(count|sum|bucket)$/);
    assert.doesNotMatch(name, /(seconds|bytes|milliseconds|_ms)$/);
  });

  test(`${name} has a UCUM unit, a known kind and a description`, () => {
    assert.match(unit, /^(s|By|\{[a-z]+\})$/);
    assert.ok(KINDS.includes(kind));
    assert.match(description, /^[A-Z].*\.$/);
  });

  test(`${name} has at most five attributes, each once`, () => {
    assert.ok(attributes.length <= 5);
    assert.equal(new Set(attributes.map(({ key }) => key)).size, attributes.length);
    for (const { key } of attributes) assert.match(key, /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/);
  });

  test(`${name} has ascending bucket boundaries, or none`, () => {
    const bounds = [...(boundaries ?? [])];
    assert.deepEqual(
      bounds,
      bounds.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(bounds).size, bounds.length);
    if (kind !== 'histogram') assert.equal(boundaries, undefined);
  });
}

test('no two instruments have one name', () => {
  assert.equal(new Set(declarations.map(({ name }) => name)).size, declarations.length);
});

test('a duration is a histogram in seconds whose sum is kept in milliseconds', () => {
  for (const { name, kind, unit, scale } of declarations) {
    if (!name.endsWith('.duration')) continue;
    assert.deepEqual({ kind, unit, scale }, { kind: 'histogram', unit: 's', scale: 0.001 }, name);
  }
});

test('agent.request.duration carries the tenant and therefore no buckets', () => {
  const { attributes, boundaries } = INSTRUMENTS.requestDuration as InstrumentDeclaration;
  assert.ok(attributes.some(({ key }) => key === 'agent.tenant.id'));
  assert.equal(boundaries, undefined);
});

test('http.server.request.duration has the buckets of the conventions and no tenant', () => {
  const { attributes, boundaries } = INSTRUMENTS.httpServerDuration as InstrumentDeclaration;
  assert.deepEqual(
    [...(boundaries ?? [])],
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  );
  assert.ok(!attributes.some(({ key }) => key === 'agent.tenant.id'));
});

test('the scope of everything is agent-otel', () => {
  assert.equal(SCOPE_NAME, 'agent-otel');
});

for (const family of SURFACES.flatMap(({ families }) => families)) {
  test(`${family.name} is read from an instrument and from attributes that exist`, () => {
    const { source } = family;
    if ('fact' in source) {
      assert.equal(family.labels.length, 0);
      return;
    }
    const instrument: InstrumentDeclaration = INSTRUMENTS[source.instrument];
    const keys = instrument.attributes.map(({ key }) => key);
    for (const { attribute, values, attributeValues } of family.labels) {
      assert.ok(keys.includes(attribute), `${instrument.name} has no ${attribute}`);
      if (attributeValues !== undefined) assert.equal(attributeValues.length, values?.length);
    }
    if (source.only !== undefined) assert.ok(keys.includes(source.only.attribute));
    if (source.field === 'value') assert.notEqual(instrument.kind, 'histogram');
    else assert.equal(instrument.kind, 'histogram');
  });

  test(`${family.name} has a closed label where its attribute is closed, in the same order`, () => {
    const { source } = family;
    if ('fact' in source) return;
    const instrument: InstrumentDeclaration = INSTRUMENTS[source.instrument];
    for (const label of family.labels) {
      const declared = instrument.attributes.find(({ key }) => key === label.attribute);
      if (declared?.values !== undefined) assert.deepEqual(label.values, declared.values);
    }
  });

  test(`${family.name} is a counter exactly where its instrument only goes up`, () => {
    const { source } = family;
    const goesUp = !('fact' in source) && INSTRUMENTS[source.instrument].kind !== 'upDownCounter';
    assert.equal(family.type, goesUp ? 'counter' : 'gauge');
  });
}
