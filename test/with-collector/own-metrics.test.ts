/** What Collectors in trouble say of themselves, and that the alerts hear it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { scrape, type Sample } from '../integration/support/exposition.js';
import type { Prometheus } from '../integration/support/prometheus.js';
import { startConfigured } from '../prometheus/support/configured.js';
import { COLLECTOR_LABELS, COLLECTOR_NAMES } from '../prometheus/support/names.js';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import {
  collectorBinary,
  collectorFolder,
  freePorts,
  startCollector,
  type Collector,
} from './support/collector.js';
import { sendEach } from './support/send.js';

const NOWHERE = '127.0.0.1:1';
const ITEMS = { service: 'host', instance: 'host-1' };
/** Longer than the queue of the Collector that has a small one. */
const TOO_LARGE = 4_000;

type Start = (
  configuration: Parameters<typeof startCollector>[1]['configuration'],
  options?: { env?: Record<string, string>; onTop?: string; folder?: string },
) => Promise<Collector>;

const starter =
  (t: TestContext, binary: string): Start =>
  async (configuration, { folder = collectorFolder(t), ...options } = {}) =>
    startCollector(t, { binary, configuration, ports: await freePorts(), folder, ...options });

/** An endpoint that refuses whatever it is sent, for good. */
async function startRefusing(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(400).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Has less memory than it needs, so that it refuses what it is sent and what it reads. */
async function startStarved(t: TestContext, start: Start): Promise<Collector> {
  const folder = collectorFolder(t);
  const collector = await start('agent', {
    folder,
    env: { COLLECTOR_MEMORY_MIB: '12', COLLECTOR_MEMORY_SPIKE_MIB: '11' },
  });
  await waitFor(
    async () => (await sendEach(collector.url, ITEMS)).every((status) => status === 503),
    { what: 'a refusal of each signal' },
  );
  writeFileSync(path.join(folder, 'logs', 'host.log'), 'a line\n');
  return collector;
}

/** Has a queue of few bytes and an endpoint that takes nothing. */
async function startFailing(t: TestContext, start: Start): Promise<Collector> {
  const collector = await start('agent', {
    env: { COLLECTOR_NEXT: await startRefusing(t) },
    onTop: 'exporters: { otlp_http: { sending_queue: { queue_size: 2000 } } }',
  });
  for (const [padding, fate] of [
    [0, 'send'],
    [TOO_LARGE, 'enqueue'],
  ] as const) {
    await sendEach(collector.url, { ...ITEMS, padding });
    for (const signal of ['spans', 'metric_points', 'log_records']) {
      const metric = `otelcol_exporter_${fate}_failed_${signal}`;
      await waitFor(async () => (await collector.own(metric)) > 0, { what: metric });
    }
  }
  return collector;
}

/** Has a gateway that is away, and no room to keep anything for it. */
async function startForsaken(start: Start): Promise<Collector> {
  const collector = await start('gateway-agent', {
    env: { COLLECTOR_GATEWAYS: `[${NOWHERE}]` },
    onTop:
      'exporters: { load_balancing/metrics: ' +
      '{ protocol: { otlp: { sending_queue: { queue_size: 1 } } } } }',
  });
  await waitFor(async () => (await sendEach(collector.url, ITEMS)).includes(503), {
    what: 'a refusal by a full queue',
  });
  return collector;
}

/** Prometheus as the repository configures it, with these Collectors in its files of targets. */
async function startWatching(
  t: TestContext,
  targets: { readonly otelcol: readonly string[]; readonly 'otelcol-gateway': readonly string[] },
): Promise<Prometheus> {
  const folder = path.join(collectorFolder(t), 'targets');
  mkdirSync(folder);
  for (const [job, urls] of Object.entries(targets)) {
    const hosts = urls.map((url) => new URL(url).host);
    writeFileSync(path.join(folder, `${job}.yml`), JSON.stringify([{ targets: hosts }]));
  }
  return startConfigured(t, {}, folder);
}

test('the metrics that the rules and the runbook name are those of Collectors in trouble', async (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined) return;
  const start = starter(t, binary);
  const starved = await startStarved(t, start);
  const failing = await startFailing(t, start);
  const forsaken = await startForsaken(start);
  const collectors = [starved, failing, forsaken];

  const samples = (await Promise.all(collectors.map(({ ownPage }) => scrape(ownPage)))).flatMap(
    ({ families }) => families.flatMap((family) => family.samples),
  );
  const named = new Map<string, Sample[]>();
  for (const sample of samples) named.set(sample.name, [...(named.get(sample.name) ?? []), sample]);
  assert.deepEqual(
    COLLECTOR_NAMES.filter((name) => !named.has(name)),
    [],
    'names that no Collector uses',
  );
  const labels = new Set(
    COLLECTOR_NAMES.flatMap((name) => named.get(name) ?? []).flatMap((one) =>
      Object.keys(one.labels),
    ),
  );
  // `signal` is made by the rules, of the names.
  assert.deepEqual(
    COLLECTOR_LABELS.filter((label) => label !== 'signal' && !labels.has(label)),
    [],
    'labels that no Collector uses',
  );

  await t.test('a line that is refused is read again, and not lost', async () => {
    const metric = 'otelcol_processor_memory_limiter_refused_log_records';
    const before = await starved.own(metric);
    await waitFor(async () => (await starved.own(metric)) > before, { what: 'another attempt' });
    const dropped = 'otelcol_receiver_refused_log_records\\{receiver="file_log"[^}]*\\}';
    assert.equal(await starved.own(dropped), 0);
  });

  await t.test('alerts fire on them, in the real Prometheus', async (t) => {
    if (!hasPrograms(t, 'prometheus')) return;
    const prometheus = await startWatching(t, {
      otelcol: collectors.map(({ ownPage }) => ownPage),
      'otelcol-gateway': [],
    });
    const at = ({ ownPage }: Collector): string => `instance="${new URL(ownPage).host}"`;
    for (const series of [
      `alertname="CollectorMemoryLimited",${at(starved)}`,
      `alertname="CollectorSendFailed",${at(failing)},exporter="otlp_http"`,
      `alertname="CollectorQueueFull",${at(failing)},exporter="otlp_http"`,
      `alertname="CollectorSendFailed",${at(forsaken)},exporter="load_balancing/metrics"`,
    ]) {
      const query = `ALERTS{alertstate="firing",${series}}`;
      await waitFor(async () => (await prometheus.query(query)).length > 0, {
        what: query,
        timeoutMs: 30_000,
      });
    }
    const ratio = 'instance_exporter_data_type:otelcol_exporter_queue_size_per_capacity:ratio';
    await waitFor(async () => (await prometheus.query(`${ratio}{${at(failing)}}`)).length === 3, {
      what: `three of ${ratio}`,
      timeoutMs: 30_000,
    });
  });
});

test('behind a gateway series keep their own job and instance, and targets that are down are told', async (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined || !hasPrograms(t, 'prometheus')) return;
  const start = starter(t, binary);
  const gateway = await start('gateway');
  const next = await start('gateway-agent', {
    env: { COLLECTOR_GATEWAYS: `[127.0.0.1:${gateway.ports.grpc}]` },
  });
  const agent = await start('agent', {
    env: { COLLECTOR_NEXT: next.url, COLLECTOR_ARBITER: NOWHERE },
  });
  await sendEach(agent.url, ITEMS);
  const { pushed, scraped } = gateway.pages;
  const prometheus = await startWatching(t, {
    otelcol: [gateway, next, agent].map(({ ownPage }) => ownPage),
    'otelcol-gateway': [pushed, scraped],
  });
  const page = (url: string): string => `gateway="${new URL(url).host}"`;
  for (const [query, value] of [
    [`sent_total{job="host",instance="host-1",${page(pushed)}}`, 3],
    [`up{job="arbiter",instance="${NOWHERE}",${page(scraped)}}`, 0],
    [`up{job="otelcol-gateway",${page(scraped)}}`, 1],
    ['count(up{job="otelcol"} == 1)', 3],
  ] as const) {
    // The targets are scraped one after the other: the value may be on its way.
    await waitFor(async () => (await prometheus.query(query))[0]?.values[0]?.[1] === value, {
      what: `${query} to be ${value}`,
      timeoutMs: 30_000,
    });
  }
  const pending = `ALERTS{alertname="ArbiterScrapeFailing",${page(scraped)}}`;
  await waitFor(async () => (await prometheus.query(pending)).length > 0, { what: pending });
});
