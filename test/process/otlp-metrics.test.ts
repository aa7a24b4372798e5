import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import type { OtlpPoint } from '../support/otlp-decode.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { send } from './support/client.js';
import { DERIVATIONS, valueFromPoints } from './support/documented-from-points.js';
import { familiesOf, readSamples } from './support/exposition.js';

const DOCUMENTED_PATHS = ['/api/v1/metrics', '/metrics', '/v1/metrics'];
const FACTS = new Set(['ash_up', 'ash_uptime_seconds']);

/** A host in which every event has happened once it is returned. */
async function driven(
  t: test.TestContext,
  receiver: OtlpReceiver,
  env: Record<string, string> = {},
): Promise<Host> {
  const host = await startHost(t, {
    args: [fixture('all-events.js')],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      AGENT_OTEL_INLINE: 'true',
      AGENT_OTEL_ACCESS_LOG: 'off',
      ...env,
    },
  });
  assert.equal((await send(`${host.url}/drive`)).body, 'driven', host.stderr());
  return host;
}

async function scrapeDocumented(host: Host): Promise<string> {
  const pages = await Promise.all(DOCUMENTED_PATHS.map((path) => send(`${host.url}${path}`)));
  return pages.map(({ body }) => body).join('');
}

test('OTLP carries what the documented scrape says, for every family and every series', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await driven(t, receiver);
  const text = await scrapeDocumented(host);
  const ending = await host.stop();
  assert.deepEqual(ending, { code: null, signal: 'SIGTERM' });

  const families = familiesOf(text).filter((name) => !FACTS.has(name));
  assert.deepEqual(families.toSorted(), Object.keys(DERIVATIONS).toSorted());
  const samples = readSamples(text).filter(({ name }) => !FACTS.has(name));
  const points = receiver.lastPoints();
  for (const sample of samples) {
    const label = `${sample.name}${JSON.stringify(sample.labels)}`;
    const carried = valueFromPoints(points, sample);
    if (sample.name.endsWith('_ms_sum')) {
      assert.ok(Math.abs(carried - sample.value) < 1, `${label}: ${carried} and ${sample.value}`);
    } else assert.equal(carried, sample.value, label);
  }
  const moved = new Set(samples.filter(({ value }) => value > 0).map(({ name }) => name));
  assert.deepEqual(
    families.filter((name) => !moved.has(name)),
    [],
    'the fixture moves every family',
  );
});

test('the instruments carry their units, kinds and the conventions of their names', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await driven(t, receiver);
  await host.stop();
  const points = receiver.lastPoints();
  const one = (name: string): OtlpPoint => {
    const point = points.find((candidate) => candidate.name === name);
    assert.ok(point !== undefined, `${name} is exported`);
    return point;
  };
  for (const point of points) {
    assert.equal(point.scope.name, 'agent-otel');
    assert.equal(point.temporality, 'cumulative');
    assert.match(point.name, /^[a-z][a-z0-9_.]*$/);
    assert.doesNotMatch(point.name, /_total$/);
    assert.notEqual(point.description, '');
    assert.ok(point.timeNanos >= point.startNanos && point.startNanos > 0, point.name);
  }
  assert.deepEqual(
    [one('agent.exec.rejected').type, one('agent.exec.rejected').monotonic],
    ['sum', true],
  );
  assert.deepEqual(
    [one('agent.exec.active').type, one('agent.exec.active').monotonic],
    ['sum', false],
  );
  assert.equal(one('agent.session.disk.usage').unit, 'By');
  for (const name of [
    'agent.exec.duration',
    'agent.request.duration',
    'gen_ai.client.operation.duration',
    'gen_ai.client.token.usage',
    'http.server.request.duration',
  ]) {
    const { type, unit, buckets, bounds, count } = one(name);
    assert.equal(type, 'histogram');
    assert.equal(unit, name.endsWith('usage') ? '{token}' : 's');
    assert.equal(buckets.length, bounds.length + 1);
    assert.equal(
      buckets.reduce((total, bucket) => total + bucket, 0),
      count,
    );
  }
  assert.deepEqual(one('agent.request.duration').bounds, [], 'tenants have no buckets');
  const http = points.filter(({ name }) => name === 'http.server.request.duration');
  assert.ok(http.every(({ attributes }) => !('agent.tenant.id' in attributes)));
  const other = points.find(
    ({ attributes }) => attributes['gen_ai.provider.name'] === 'mistral_ai',
  );
  assert.ok(other !== undefined, 'an undocumented provider is on the canonical instruments');
});

test('delta temporality sends each change once, and up-down counters stay cumulative', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await driven(t, receiver, {
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_METRIC_EXPORT_INTERVAL: '60',
  });
  const exports = (): number => receiver.requests.filter(({ points }) => points.length > 0).length;
  const first = exports();
  await waitFor(() => exports() >= first + 2, { what: 'two more exports' });
  assert.equal((await send(`${host.url}/drive`)).body, 'driven');
  const samples = readSamples(await scrapeDocumented(host));
  await host.stop();

  const points = receiver.points();
  const gauges = receiver
    .lastPoints()
    .filter(({ type, monotonic }) => type === 'sum' && !monotonic);
  assert.ok(points.some(({ temporality }) => temporality === 'delta'));
  for (const { name, type, monotonic, temporality } of points) {
    assert.equal(temporality, type === 'histogram' || monotonic ? 'delta' : 'cumulative', name);
  }
  const summed = [...points.filter(({ temporality }) => temporality === 'delta'), ...gauges];
  for (const sample of samples.filter(({ name }) => !FACTS.has(name))) {
    const carried = valueFromPoints(summed, sample);
    const label = `${sample.name}${JSON.stringify(sample.labels)}: ${carried}`;
    assert.ok(Math.abs(carried - sample.value) < 1, `${label} and ${sample.value}`);
  }
  for (const [before, after] of intervals(points)) assert.equal(after, before);
});

/** Ends and following starts of one counter's intervals. */
function intervals(points: readonly OtlpPoint[]): [number, number][] {
  const counter = points
    .filter(({ name }) => name === 'agent.session.created')
    // Two requests that are under way together may arrive in either order.
    .sort((a, b) => a.startNanos - b.startNanos);
  return counter.slice(1).map((point, i) => [counter[i]?.timeNanos ?? 0, point.startNanos]);
}
