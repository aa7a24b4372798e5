import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { INSTRUMENTS } from '../../../src/catalog/instruments.js';
import { Ledger } from '../../../src/ledger/ledger.js';
import { createMetricProducer } from '../../../src/otel/metric-producer.js';

const delta = (): AggregationTemporality => AggregationTemporality.DELTA;

interface HistogramValue {
  readonly count: number;
  readonly sum: number;
  readonly buckets: { readonly boundaries: number[]; readonly counts: number[] };
}

/** A producer's metrics by name. */
async function collect(
  producer: ReturnType<typeof createMetricProducer>,
): Promise<Map<string, MetricData>> {
  const { resourceMetrics, errors } = await producer.collect();
  assert.deepEqual(errors, []);
  const { scopeMetrics } = resourceMetrics;
  assert.deepEqual(
    scopeMetrics.map(({ scope }) => scope.name),
    ['agent-otel'],
  );
  const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
  return new Map(metrics.map((metric) => [metric.descriptor.name, metric]));
}

function pointsOf(metrics: Map<string, MetricData>, name: string): [object, unknown][] {
  return (metrics.get(name)?.dataPoints ?? []).map(({ attributes, value }) => [attributes, value]);
}

test('every value is the ledger’s', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  for (const [i, table] of Object.values(ledger.tables).entries()) {
    const row = table.row('a', 'b', 'c', 'd');
    if (table.declaration.kind === 'histogram') table.record(row, i + 0.5);
    else table.add(row, i + 1);
  }
  const metrics = await collect(createMetricProducer(ledger));
  assert.equal(metrics.size, Object.keys(INSTRUMENTS).length);
  for (const { values, sums, size, declaration } of Object.values(ledger.snapshot().tables)) {
    const metric = metrics.get(declaration.name);
    assert.equal(metric?.descriptor.unit, declaration.unit);
    assert.equal(metric.descriptor.description, declaration.description);
    assert.equal(metric.dataPoints.length, size);
    for (const [row, { value }] of metric.dataPoints.entries()) {
      if (declaration.kind !== 'histogram') {
        assert.equal(value, values[row]);
        continue;
      }
      const { count, sum, buckets } = value as HistogramValue;
      assert.equal(count, values[row]);
      assert.equal(sum, (sums[row] ?? 0) * (declaration.scale ?? 1));
      assert.equal(buckets.counts.length, buckets.boundaries.length + 1);
      assert.equal(
        buckets.counts.reduce((total, each) => total + each, 0),
        count,
      );
    }
  }
});

test('counters are monotonic sums and up-down counters are not', async () => {
  const metrics = await collect(createMetricProducer(new Ledger({ tenantLimit: 10 })));
  const isMonotonic = (name: string): unknown => {
    const metric = metrics.get(name);
    return metric !== undefined && 'isMonotonic' in metric ? metric.isMonotonic : undefined;
  };
  assert.equal(isMonotonic('agent.session.created'), true);
  assert.equal(isMonotonic('agent.session.active'), false);
});

test('seconds are the kept milliseconds divided by a thousand', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { execDuration } = ledger.tables;
  execDuration.record(execDuration.row('success'), 4200);
  const [[attributes, value] = []] = pointsOf(
    await collect(createMetricProducer(ledger)),
    'agent.exec.duration',
  );
  assert.deepEqual(attributes, { 'agent.exec.result': 'success' });
  assert.equal((value as HistogramValue).sum, 4.2);
});

test('an attribute that a measurement does not have is left out', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { genAiOperationDuration } = ledger.tables;
  genAiOperationDuration.record(genAiOperationDuration.row('chat', 'ollama', '', ''), 1);
  const points = pointsOf(
    await collect(createMetricProducer(ledger)),
    'gen_ai.client.operation.duration',
  );
  assert.deepEqual(points[0]?.[0], {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'ollama',
  });
});

test('the status code is a number, as the HTTP conventions have it', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { httpServerDuration } = ledger.tables;
  httpServerDuration.record(httpServerDuration.row('GET', 'http', '/x', '200'), 1);
  const points = pointsOf(
    await collect(createMetricProducer(ledger)),
    'http.server.request.duration',
  );
  assert.deepEqual(points[0]?.[0], {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'http.route': '/x',
    'http.response.status_code': 200,
  });
});

test('an instrument that has no series yet is left out', async () => {
  const metrics = await collect(createMetricProducer(new Ledger({ tenantLimit: 10 })));
  assert.equal(metrics.has('agent.request.started'), false);
});

test('with a tenant summed away no point names one, and the totals stay', async () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  const { requestActive } = ledger.tables;
  for (const tenant of ['a', 'b']) requestActive.add(requestActive.row(tenant), 2);
  const metrics = await collect(createMetricProducer(ledger, { without: 'agent.tenant.id' }));
  assert.deepEqual(pointsOf(metrics, 'agent.request.active'), [[{}, 4]]);
});

test('the same metrics are there at once, for a process that is ending', () => {
  const ledger = new Ledger({ tenantLimit: 10 });
  ledger.observers.set('never', () => new Promise(() => undefined));
  const [scope] = createMetricProducer(ledger, { temporality: delta }).collectNow();
  assert.ok((scope?.metrics.length ?? 0) > 10);
});
