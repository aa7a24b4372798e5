/** Two agents, two gateways, thousands of tenants: sums are right, and series do not grow. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { scrape, type Sample } from '../integration/support/exposition.js';
import { assertDocumented } from '../support/documented-costs.js';
import { waitFor } from '../support/wait.js';
import {
  collectorBinary,
  collectorFolder,
  freePorts,
  startCollector,
  type Collector,
} from './support/collector.js';
import { pushedOf, samplesOf, scrapedOf, sum } from './support/sums.js';
import { startTenants, startTier, type TenantHost, type Tier } from './support/tier.js';
import { weighExport } from './support/weigh-export.js';

const FEW = 30;
const MANY = 5_000;
/**
 * How often each process exports: seldom enough that two cores carry it all with the other tests
 * beside it. At one a second they need three quarters of both, and queues fill when they are busy.
 */
const EVERY_MS = 3_000;
/** One with few tenants and two with many, which is what two cores carry. */
const LOADED_HOSTS = 3;
/** Further ones with few, until each gateway has a process: seldom more than one. */
const MOST_HOSTS = 9;

/** Waits until the gateways have heard of every host, and compares. */
async function assertSums(tier: Tier, hosts: readonly TenantHost[]): Promise<Sample[]> {
  const samples = await waitFor(
    async () => {
      const found = await samplesOf(tier.gateways, 'pushed');
      return hosts.every(({ instance }) => pushedOf(found, instance).started > 0) && found;
    },
    { what: `the metrics of ${hosts.length} hosts`, timeoutMs: 60_000 },
  );
  for (const { instance, adminUrl, did } of hosts) {
    assert.deepEqual(pushedOf(samples, instance), did, instance);
    const documented = await scrape(`${adminUrl}/v1/metrics?aggregate=tenant`);
    const milliseconds = documented.families
      .filter(({ name }) => name === 'arbiter_request_duration_ms_sum')
      .flatMap((family) => family.samples);
    assert.equal(milliseconds.length, 3);
    for (const { labels, value } of milliseconds) {
      const seconds = sum(samples, 'agent_request_duration_seconds_sum', {
        instance,
        agent_route: labels['route'] ?? '',
      });
      assert.ok(Math.abs(seconds * 1000 - value) <= 1, `${seconds} s, ${value} ms`);
    }
  }
  return samples;
}

async function startHosts(t: TestContext, tier: Tier): Promise<TenantHost[]> {
  const [first, second] = tier.agents;
  const start = (instance: string, tenants: number, agent: Collector): Promise<TenantHost> =>
    startTenants(t, { instance, tenants, agent, everyMs: EVERY_MS });
  const hosts = [await start('few', FEW, first)];
  const isIdle = async (gateway: Collector): Promise<boolean> =>
    (await samplesOf([gateway], 'pushed')).length === 0;
  do {
    const agent = hosts.length % 2 === 0 ? first : second;
    const [size, tenants] = hosts.length < LOADED_HOSTS ? ['many', MANY] : ['few', FEW];
    hosts.push(await start(`${size}-${hosts.length}`, tenants, agent));
    await assertSums(tier, hosts);
  } while (
    hosts.length < LOADED_HOSTS ||
    (hosts.length < MOST_HOSTS && (await Promise.all(tier.gateways.map(isIdle))).includes(true))
  );
  return hosts;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

const seriesOf = (samples: readonly Sample[], instance: string): string[] =>
  samples
    .filter(({ labels }) => labels['instance'] === instance)
    .map(({ text }) => text.replace(instance, ''))
    .sort();

test(`${MANY} tenants through two agents and two gateways`, async (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined) return;
  const tier = await startTier(t, binary);
  const startedAt = performance.now();
  const hosts = await startHosts(t, tier);
  const samples = await assertSums(tier, hosts);
  t.diagnostic(
    `${hosts.length} processes, two of them with ${MANY} tenants: ${samples.length} samples at ` +
      `the gateways, ${((performance.now() - startedAt) / 1000).toFixed(1)} s to start and agree`,
  );

  await t.test('the series of a process do not depend on how many tenants it has', async () => {
    // The request that asked a host what it did is in its next export.
    const answered = (of: readonly Sample[], instance: string): boolean =>
      sum(of, 'http_server_request_duration_seconds_count', { instance }) > 0;
    const samples = await waitFor(
      async () => {
        const found = await samplesOf(tier.gateways, 'pushed');
        return hosts.every(({ instance }) => answered(found, instance)) && found;
      },
      { what: 'the requests of every host', timeoutMs: 30_000 },
    );
    const few = seriesOf(samples, 'few');
    assert.ok(few.length > 20);
    for (const { instance } of hosts) assert.deepEqual(seriesOf(samples, instance), few);
    assert.ok(samples.every(({ labels }) => !Object.keys(labels).join().includes('tenant')));
    t.diagnostic(`${few.length} series for a process`);
    assertDocumented('a process at a gateway, any number of tenants', [few.length]);
  });

  await t.test('what it costs', async (t) => {
    const { points, bytes, heldMs } = await weighExport(t, MANY);
    t.diagnostic(
      `an export of ${MANY} tenants: ${points} points, ${megabytes(bytes)} MB, ` +
        `the host's event loop held for ${heldMs.toFixed(0)} ms`,
    );
    assertDocumented('OTLP export, 5,000 tenants', [points, bytes]);
    for (const [i, { pages }] of tier.gateways.entries()) {
      const before = performance.now();
      const { length } = await (await fetch(pages.pushed)).text();
      const ms = (performance.now() - before).toFixed(1);
      t.diagnostic(`gateway ${i + 1}: a page of ${(length / 1000).toFixed(1)} kB in ${ms} ms`);
    }
    for (const [name, collector] of [
      ...tier.agents.map((agent, i) => [`agent ${i + 1}`, agent] as const),
      ...tier.gateways.map((gateway, i) => [`gateway ${i + 1}`, gateway] as const),
    ]) {
      const points = await collector.own('otelcol_receiver_accepted_metric_points\\w*');
      const cpu = await collector.own('otelcol_process_cpu_seconds\\w*');
      const resident = await collector.own('otelcol_process_memory_rss\\w*');
      t.diagnostic(
        `${name}: ${points} points, ${cpu.toFixed(1)} s of CPU since it started ` +
          `(${((cpu / points) * 1e6).toFixed(1)} µs a point), ${megabytes(resident)} MB resident`,
      );
      assert.ok(resident < 1e9);
      assert.equal(await collector.own('otelcol_exporter_send_failed_metric_points\\w*'), 0);
    }
  });

  await t.test('a gateway that was killed is right again with the next export', async () => {
    await tier.replaceGateway();
    await assertSums(tier, hosts);
  });

  await t.test('all spans of a trace are at one gateway, and traces at both', async () => {
    const servers = [hosts[0], hosts[1]].flatMap((one) => (one ? [one.host.url] : []));
    const traceIds = Array.from({ length: 24 }, (_, i) => (i + 1).toString(16).padStart(32, 'a'));
    for (const traceId of traceIds) {
      for (const url of servers) {
        const headers = { traceparent: `00-${traceId}-00000000000000aa-01` };
        await (await fetch(url, { headers })).text();
      }
    }
    const at = (store: Tier['stores'][number]): number[] =>
      traceIds.map((id) => store.spans().filter(({ traceId }) => traceId === id).length);
    const [first, second] = await waitFor(
      () => {
        const counts = tier.stores.map(at);
        const total = counts.flat().reduce((a, b) => a + b, 0);
        return total === traceIds.length * servers.length && counts;
      },
      { what: 'the spans of every trace', timeoutMs: 30_000 },
    );
    for (const [i, count] of (first ?? []).entries()) {
      assert.deepEqual([count, second?.[i]].sort(), [0, servers.length], traceIds[i]);
    }
    assert.ok(first?.includes(servers.length) && second?.includes(servers.length));
  });

  await t.test(
    'what an agent.yaml scrapes keeps its documented names and sums up too',
    async () => {
      const [few, many] = hosts;
      assert.ok(few && many);
      const documented = await scrape(`${many.adminUrl}/v1/metrics?aggregate=tenant`);
      const target = new URL(many.adminUrl).host;
      await startCollector(t, {
        binary,
        configuration: 'agent',
        ports: await freePorts(),
        folder: collectorFolder(t),
        env: {
          COLLECTOR_ARBITER: target,
          COLLECTOR_NEXT: tier.agents[0].url,
          // This page of 5,000 tenants takes longer than those of the other tests.
          COLLECTOR_SCRAPE_INTERVAL: '2s',
          COLLECTOR_SCRAPE_TIMEOUT: '2s',
        },
      });
      const scraped = await waitFor(
        async () => {
          const found = await samplesOf(tier.gateways, 'scraped');
          // A scrape of this size arrives in several batches.
          return isDeepStrictEqual(scrapedOf(found, target), many.did) && found;
        },
        { what: 'scraped families at the gateways', timeoutMs: 30_000 },
      );
      const names = (samples: readonly Sample[]): string[] =>
        [...new Set(samples.map(({ name }) => name))]
          .filter((name) => name.startsWith('arb'))
          .sort();
      assert.deepEqual(names(scraped), names(documented.families.flatMap((one) => one.samples)));
      assert.ok(scraped.every(({ labels }) => !('tenant' in labels)));
      const pushed = await samplesOf(tier.gateways, 'pushed');
      assert.deepEqual(names(pushed), [], 'scraped families have a page of their own');
    },
  );
});
