import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { MeterProvider, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';
import { INSTRUMENTS } from '../../../src/catalog/instruments.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { createMeterInstruments } from '../../../src/otel/meter-instruments.js';

class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

interface Host {
  readonly ledger: Ledger;
  readonly remove: () => void;
  readonly collect: () => Promise<Map<string, MetricData>>;
}

function start(t: TestContext, tenantLimit = 10_000): Host {
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const ledger = new Ledger({ tenantLimit });
  return {
    ledger,
    remove: createMeterInstruments(ledger, provider),
    collect: async () => {
      const { resourceMetrics, errors } = await reader.collect();
      assert.deepEqual(errors, []);
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
    },
  };
}

interface Point {
  readonly attributes: Attributes;
  readonly value: unknown;
}

function pointsOf(metrics: Map<string, MetricData>, name: string): Point[] {
  return (metrics.get(name)?.dataPoints ?? []).map(({ attributes, value }) => ({
    attributes,
    value,
  }));
}

test('counters and up-down counters read the cells, names and units as declared', async (t) => {
  const { ledger, collect } = start(t);
  for (const table of Object.values(ledger.tables)) {
    if (table.declaration.kind !== 'histogram') table.add(table.row('a', 'b', 'c', 'd'), 2);
  }
  const metrics = await collect();
  for (const { declaration, values, size } of Object.values(ledger.snapshot().tables)) {
    if (declaration.kind === 'histogram') continue;
    const metric = metrics.get(declaration.name);
    assert.equal(metric?.descriptor.unit, declaration.unit);
    assert.equal(metric.descriptor.description, declaration.description);
    const read = metric.dataPoints.map(({ value }) => value as number);
    assert.equal(read.length, size);
    assert.equal(
      read.reduce((total, value) => total + value, 0),
      values.reduce((total, value) => total + value, 0),
    );
  }
});

test('a histogram is recorded in its unit, with the declared boundaries', async (t) => {
  const { ledger, collect } = start(t);
  const { execDuration, requestDuration } = ledger.tables;
  execDuration.record(execDuration.row('success'), 20);
  execDuration.record(execDuration.row('success'), 2000);
  requestDuration.record(requestDuration.row('1', 'messages', 'true'), 500);
  const metrics = await collect();
  const [point] = pointsOf(metrics, 'agent.exec.duration');
  assert.deepEqual(point?.attributes, { 'agent.exec.result': 'success' });
  const { sum, count, buckets } = point.value as {
    sum: number;
    count: number;
    buckets: { boundaries: number[]; counts: number[] };
  };
  assert.deepEqual([sum, count], [2.02, 2]);
  assert.deepEqual(buckets.boundaries, [...INSTRUMENTS.execDuration.boundaries]);
  assert.deepEqual(buckets.counts.slice(0, 3), [0, 1, 0]);
  const [without] = pointsOf(metrics, 'agent.request.duration');
  const { buckets: none } = without?.value as { buckets: { boundaries: number[] } };
  assert.deepEqual(none.boundaries, []);
});

test('past the SDK’s limit of 2,000 attribute sets the tail is folded and the total right', async (t) => {
  const { ledger, collect } = start(t);
  const { requestActive } = ledger.tables;
  for (let i = 0; i < 5_000; i++) requestActive.add(requestActive.row(`tenant ${i}`), 1);
  for (let round = 0; round < 2; round++) {
    const points = pointsOf(await collect(), 'agent.request.active');
    assert.ok(points.length <= 2_000);
    const total = points.reduce((sum, { value }) => sum + (value as number), 0);
    assert.equal(total, 5_000);
    const folded = points.filter(({ attributes }) => attributes['otel.metric.overflow'] === true);
    assert.equal(folded.length, 1);
    const own = points.find(({ attributes }) => attributes['agent.tenant.id'] === 'tenant 7');
    assert.equal(own?.value, 1);
  }
});

test('up to the limit nothing is folded', async (t) => {
  const { ledger, collect } = start(t);
  const { requestActive } = ledger.tables;
  for (let i = 0; i < 1_990; i++) requestActive.add(requestActive.row(`tenant ${i}`), 1);
  const points = pointsOf(await collect(), 'agent.request.active');
  assert.equal(points.length, 1_990);
  assert.ok(points.every(({ attributes }) => !('otel.metric.overflow' in attributes)));
});

test('what is observed is read at a collection', async (t) => {
  const { ledger, collect } = start(t);
  ledger.observers.set('limit', () => {
    ledger.tables.sandboxLimit.set(0, 16);
  });
  const [point] = pointsOf(await collect(), 'agent.sandbox.limit');
  assert.equal(point?.value, 16);
});

test('instruments that were taken off are neither observed nor recorded any more', async (t) => {
  const { ledger, collect, remove } = start(t);
  remove();
  ledger.tables.sessionCreated.add(0, 1);
  ledger.tables.execDuration.record(0, 1);
  const metrics = await collect();
  assert.deepEqual(pointsOf(metrics, 'agent.session.created'), []);
  assert.deepEqual(pointsOf(metrics, 'agent.exec.duration'), []);
});
