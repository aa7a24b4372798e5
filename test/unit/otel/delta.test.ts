import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AggregationTemporality,
  InstrumentType,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { Ledger } from '../../../src/ledger/ledger.js';
import { toHrTime } from '../../../src/otel/hr-time.js';
import {
  createMetricProducer,
  type LedgerMetricProducer,
} from '../../../src/otel/metric-producer.js';

/** The specification's preference “delta”: up-down counters stay cumulative. */
const delta = (instrument: InstrumentType): AggregationTemporality =>
  instrument === InstrumentType.UP_DOWN_COUNTER
    ? AggregationTemporality.CUMULATIVE
    : AggregationTemporality.DELTA;

async function metric(producer: LedgerMetricProducer, name: string): Promise<MetricData> {
  const { resourceMetrics } = await producer.collect();
  const found = resourceMetrics.scopeMetrics[0]?.metrics.find(
    ({ descriptor }) => descriptor.name === name,
  );
  assert.ok(found !== undefined);
  return found;
}

async function values(producer: LedgerMetricProducer, name: string): Promise<unknown[]> {
  return (await metric(producer, name)).dataPoints.map(({ value }) => value);
}

function create(): { ledger: Ledger; advance: (ms: number) => void } {
  let time = 1_000;
  const ledger = new Ledger({ tenantLimit: 10, now: () => time });
  return {
    ledger,
    advance: (ms) => {
      time += ms;
    },
  };
}

test('a cumulative reader gets everything since the start, each time', async () => {
  const { ledger, advance } = create();
  const producer = createMetricProducer(ledger);
  ledger.tables.sessionCreated.add(0, 3);
  assert.deepEqual(await values(producer, 'agent.session.created'), [3]);
  advance(500);
  ledger.tables.sessionCreated.add(0, 2);
  const second = await metric(producer, 'agent.session.created');
  assert.equal(second.aggregationTemporality, AggregationTemporality.CUMULATIVE);
  assert.deepEqual(
    second.dataPoints.map(({ value, startTime, endTime }) => [value, startTime, endTime]),
    [[5, [1, 0], [1, 500_000_000]]],
  );
});

test('a delta reader gets what happened since its last collection', async () => {
  const { ledger, advance } = create();
  const producer = createMetricProducer(ledger, { temporality: delta });
  ledger.tables.sessionCreated.add(0, 3);
  assert.deepEqual(await values(producer, 'agent.session.created'), [3]);
  advance(500);
  ledger.tables.sessionCreated.add(0, 2);
  advance(500);
  const second = await metric(producer, 'agent.session.created');
  assert.equal(second.aggregationTemporality, AggregationTemporality.DELTA);
  assert.deepEqual(
    second.dataPoints.map(({ value, startTime, endTime }) => [value, startTime, endTime]),
    [[2, [1, 0], [2, 0]]],
  );
  assert.deepEqual(await values(producer, 'agent.session.created'), [0]);
});

test('an up-down counter stays cumulative for a delta reader', async () => {
  const { ledger } = create();
  const producer = createMetricProducer(ledger, { temporality: delta });
  ledger.tables.sessionActive.add(0, 3);
  assert.deepEqual(await values(producer, 'agent.session.active'), [3]);
  assert.deepEqual(await values(producer, 'agent.session.active'), [3]);
});

test('a histogram’s count, sum and buckets are deltas, new series included', async () => {
  const { ledger } = create();
  const { genAiTokenUsage } = ledger.tables;
  const producer = createMetricProducer(ledger, { temporality: delta });
  genAiTokenUsage.record(genAiTokenUsage.row('chat', 'openai', 'm1', 'input'), 4);
  await producer.collect();
  genAiTokenUsage.record(genAiTokenUsage.row('chat', 'openai', 'm1', 'input'), 1);
  genAiTokenUsage.record(genAiTokenUsage.row('chat', 'openai', 'm2', 'input'), 4);
  const points = (await metric(producer, 'gen_ai.client.token.usage')).dataPoints.map(
    ({ value }) => value as { count: number; sum: number; buckets: { counts: number[] } },
  );
  assert.deepEqual(
    points.map(({ count, sum, buckets }) => [count, sum, buckets.counts.slice(0, 2)]),
    [
      [1, 1, [1, 0]],
      [1, 4, [0, 1]],
    ],
  );
});

test('two readers do not take from each other', async () => {
  const { ledger } = create();
  const one = createMetricProducer(ledger, { temporality: delta });
  const two = createMetricProducer(ledger, { temporality: delta });
  ledger.tables.sessionCreated.add(0, 3);
  assert.deepEqual(await values(one, 'agent.session.created'), [3]);
  ledger.tables.sessionCreated.add(0, 2);
  assert.deepEqual(await values(one, 'agent.session.created'), [2]);
  assert.deepEqual(await values(two, 'agent.session.created'), [5]);
});

test('the last collection of an ending process goes on from the one before', async () => {
  const { ledger } = create();
  const producer = createMetricProducer(ledger, { temporality: delta });
  ledger.tables.sessionCreated.add(0, 3);
  await producer.collect();
  ledger.tables.sessionCreated.add(0, 1);
  const last = producer
    .collectNow()[0]
    ?.metrics.find(({ descriptor }) => descriptor.name === 'agent.session.created');
  assert.equal(last?.dataPoints[0]?.value, 1);
});

const TIMES: readonly [number, [number, number]][] = [
  [0, [0, 0]],
  [1.5, [0, 1_500_000]],
  [1_000, [1, 0]],
  [1_781_352_000_123, [1_781_352_000, 123_000_000]],
  [999.9999999, [1, 0]],
];

for (const [milliseconds, expected] of TIMES) {
  test(`${milliseconds} ms are seconds and less than 1e9 nanoseconds`, () => {
    assert.deepEqual(toHrTime(milliseconds), expected);
  });
}
