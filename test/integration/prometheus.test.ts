/** The real Prometheus, with the scrape configs and the queries that the documents give. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { BREAKER_RESET_MS, driveArbiter } from '../../examples/start/drive-arbiter.js';
import { driveAsh } from '../../examples/start/drive-ash.js';
import { driveWasmrun } from '../../examples/start/drive-wasmrun.js';
import { hasPrograms } from '../support/programs.js';
import { documentedJobs, documentedParts } from './support/documents.js';
import { driveAndCheck } from './support/driven.js';
import { startExample } from './support/example-server.js';
import { scrape, type Sample, type Scrape } from './support/exposition.js';
import { startPrometheus, type Prometheus } from './support/prometheus.js';

const CAPACITY = 8;

/** Of the form of the other two documents; wasmrun's has no job. */
const wasmrunJob = (target: string): string =>
  `  - job_name: wasmrun
    metrics_path: /api/v1/metrics
    static_configs:
      - targets: ['${target}']
    scrape_interval: 15s
`;

test('Prometheus, configured as the documents say, stores what three working servers did', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const [wasmrun, ash, arbiter] = await Promise.all([
    startExample(t, 'wasmrun', { args: ['--clean-interval-ms', '500'] }),
    startExample(t, 'ash', { args: ['--max-sandboxes', String(CAPACITY)] }),
    startExample(t, 'arbiter', {
      args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
    }),
  ]);
  const pages = {
    wasmrun: `${wasmrun.url}/api/v1/metrics`,
    ash: `${ash.url}/metrics`,
    arbiter: `${arbiter.url}/v1/metrics`,
  };
  const prometheus = await startPrometheus(t, {
    jobs: [
      wasmrunJob(new URL(wasmrun.url).host),
      documentedJobs('ash-scrape.yml', new URL(ash.url).host),
      documentedJobs('arbiter-scrape.yml', new URL(arbiter.url).host),
    ],
  });
  const problems = await Promise.all([
    driveAndCheck(pages.wasmrun, (watched) => driveWasmrun(wasmrun.url, watched)),
    driveAndCheck(pages.ash, (watched) => driveAsh(ash.url, { ...watched, capacity: CAPACITY })),
    driveAndCheck(pages.arbiter, (watched) => driveArbiter(arbiter.url, watched)),
  ]);
  assert.deepEqual(problems.flat(), []);
  // The documents' interval: it takes 15 s at most until every server was scraped again.
  await prometheus.scrapedAfter(Date.now());
  const direct = {
    wasmrun: await scrape(pages.wasmrun),
    ash: await scrape(pages.ash),
    arbiter: await scrape(pages.arbiter),
  };

  for (const [job, page] of Object.entries(direct)) {
    await t.test(`every family that ${job} documents is stored with its values`, async () => {
      assert.equal(await prometheus.value(`up{job="${job}"}`), 1);
      await assertStored(prometheus, { job, direct: page });
    });
  }
  await askAsh(t, { prometheus, direct: direct.ash });
  await t.test('wasmrun: the average execution is the sum over the count', async () => {
    const of = (name: string): number => direct.wasmrun.value(`wasmrun_agent_${name}`) ?? NaN;
    assert.equal(
      await prometheus.value(
        'wasmrun_agent_exec_duration_ms_sum / wasmrun_agent_exec_duration_ms_count',
      ),
      of('exec_duration_ms_sum') / of('exec_duration_ms_count'),
    );
  });
  await t.test('arbiter: a sum without the tenant is what the aggregated scrape says', async () => {
    const aggregated = await scrape(`${pages.arbiter}?aggregate=tenant`);
    for (const { name, samples } of aggregated.families) {
      for (const { labels, value } of samples.filter(({ name }) => !name.includes('_ms_'))) {
        const matchers = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
        const sum = `sum without(tenant) (${name}{${matchers.join(',')}})`;
        // Aggregated, a closed set is complete; by tenant there is only what was observed.
        const [stored] = await prometheus.query(sum);
        assert.equal(stored?.values[0]?.[1] ?? 0, value, sum);
      }
    }
  });
  await t.test(
    'arbiter: rate() of the milliseconds over rate() of the requests is the latency',
    () => askLatency(prometheus, arbiter.url),
  );
});

/** What Prometheus stored of a job is what a direct scrape says, series by series. */
async function assertStored(
  prometheus: Prometheus,
  { job, direct }: { job: string; direct: Scrape },
): Promise<void> {
  const key = ({ name, labels }: Pick<Sample, 'name' | 'labels'>): string =>
    JSON.stringify([name, Object.entries(labels).sort()]);
  const stored = new Map(
    (await prometheus.query(`{job="${job}",__name__!~"up|scrape_.*"}`)).map(
      ({ metric: { __name__: name = '', ...labels }, values }) => {
        const own = Object.entries(labels).filter(([label]) => !/^(job|instance)$/.test(label));
        return [key({ name, labels: Object.fromEntries(own) }), values[0]?.[1]];
      },
    ),
  );
  const samples = direct.families.flatMap((family) => family.samples);
  assert.deepEqual([...stored.keys()].sort(), samples.map(key).sort());
  for (const sample of samples) {
    if (sample.name === 'ash_uptime_seconds') continue;
    assert.equal(stored.get(key(sample)), sample.value, sample.text);
  }
  const silent = direct.families.filter(({ samples: found }) => found.length === 0);
  assert.deepEqual(silent, [], 'families that the work left without a sample');
}

async function askAsh(
  t: TestContext,
  { prometheus, direct }: { prometheus: Prometheus; direct: Scrape },
): Promise<void> {
  const [active = '', warmRate = '', utilization = '', running = '', alert = ''] =
    documentedParts('ash-queries.promql');
  const of = (sample: string): number => direct.value(sample) ?? NaN;

  await t.test('ash: the documented queries that select series answer as printed', async () => {
    assert.equal(await prometheus.value(active), of('ash_active_sessions'));
    assert.equal(await prometheus.value(running), of('ash_pool_sandboxes{state="running"}'));
  });

  await t.test('ash: the documented queries that divide need labels that match', async () => {
    // As printed they are empty on any server: Prometheus pairs series by all their labels,
    // warm and cold differ in `path`, and `sum()` drops the `instance` of its divisor.
    for (const printed of [warmRate, utilization, alert]) {
      assert.deepEqual(await prometheus.query(printed), [], printed);
    }
    const matching = (query: string): string =>
      query
        .replace('/ (', '/ ignoring(path) (')
        .replace('+ ', '+ ignoring(path) ')
        .replace('/ ash_pool', '/ ignoring(job, instance) ash_pool');
    const warm = of('ash_resume_total{path="warm"}');
    const cold = of('ash_resume_total{path="cold"}');
    assert.ok(warm > 0 && cold > 0);
    assert.equal(await prometheus.value(matching(warmRate)), warm / (warm + cold));

    const pool = direct.families.find(({ name }) => name === 'ash_pool_sandboxes');
    const total = pool?.samples.reduce((sum, { value }) => sum + value, 0) ?? NaN;
    assert.equal(await prometheus.value(matching(utilization)), total / CAPACITY);
    const alerts = await prometheus.query(matching(alert));
    assert.equal(alerts.length, total / CAPACITY > 0.8 ? 1 : 0);
  });
}

async function askLatency(prometheus: Prometheus, url: string): Promise<void> {
  const tenants = ['1', '2', '5'];
  const durations = await Promise.all(
    tenants.map(async (tenant) => {
      const startedAt = performance.now();
      const answer = await fetch(`${url}/v1/orchestrate`, {
        method: 'POST',
        headers: { authorization: `Bearer tenant-${tenant}-key` },
        body: JSON.stringify({ message: 'once more', provider: 'openai' }),
      });
      await answer.text();
      return performance.now() - startedAt;
    }),
  );
  await prometheus.scrapedAfter(Date.now());
  const labels = `{route="orchestrate",tenant=~"${tenants.join('|')}"}`;
  const sum = await prometheus.value(`sum(rate(arbiter_request_duration_ms_sum${labels}[2m]))`);
  const count = await prometheus.value(`sum(rate(arbiter_requests_completed_total${labels}[2m]))`);
  assert.ok(sum > 0 && count > 0);
  // The counters start within the window, where rate() extrapolates each on its own.
  const latency = sum / count;
  assert.ok(
    latency > 150 && latency < 2 * Math.max(...durations),
    `${latency} ms of ${durations.join(', ')}`,
  );
}
