/** Many tenants: what a scrape weighs, that Prometheus takes it, and what is folded. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { assertDocumented } from '../support/documented-costs.js';
import { hasPrograms } from '../support/programs.js';
import { scrape, type Scrape } from './support/exposition.js';
import { startPrometheus } from './support/prometheus.js';
import { longestTurn, startTenantHost, type Did } from './support/tenant-host.js';

/** The sum of a family's samples, of those with these labels alone. */
function total(page: Scrape, family: string, labels: Record<string, string> = {}): number {
  const found = page.families.find(({ name }) => name === family);
  assert.ok(found, family);
  return found.samples
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

function assertTotals(page: Scrape, did: Did): void {
  assert.deepEqual(
    {
      started: total(page, 'arbiter_requests_started_total'),
      ok: total(page, 'arbiter_requests_completed_total', { ok: 'true' }),
      notOk: total(page, 'arbiter_requests_completed_total', { ok: 'false' }),
      inFlight: total(page, 'arbiter_in_flight'),
      limited: total(page, 'arbiter_rate_limited_total'),
    },
    did,
  );
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

interface Cost {
  readonly samples: number;
  readonly bytes: number;
  readonly compressed: number;
  /** From the request to the last byte, and of it the longest turn of the host's event loop. */
  readonly ms: number;
  readonly heldMs: number;
}

/** The middle one of three scrapes, after a first that warms up. */
async function costOf(page: string, host: string): Promise<Cost> {
  const costs: Cost[] = [];
  for (let i = 0; i < 4; i++) {
    await longestTurn(host);
    const startedAt = performance.now();
    const response = await fetch(page);
    const text = await response.text();
    const ms = performance.now() - startedAt;
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    costs.push({
      samples: text.split('\n').filter((line) => /^[^#]/.test(line)).length,
      bytes: Buffer.byteLength(text),
      compressed: Number(response.headers.get('content-length')),
      ms,
      heldMs: await longestTurn(host),
    });
  }
  const [, , middle] = costs.slice(1).sort((a, b) => a.ms - b.ms);
  assert.ok(middle);
  return middle;
}

for (const tenants of [500, 5_000]) {
  test(`what scrapes of ${tenants} tenants cost, as documented`, async (t) => {
    const { url, adminUrl } = await startTenantHost(t, { tenants });
    for (const [page, path] of [
      ['page', '/v1/metrics'],
      ['page summed', '/v1/metrics?aggregate=tenant'],
      ['admin page', '/metrics'],
    ] as const) {
      const row = `${page}, ${tenants.toLocaleString('en')} tenants`;
      const { samples, bytes, compressed, ms, heldMs } = await costOf(adminUrl + path, url);
      t.diagnostic(
        `${row}: ${samples} samples, ${size(bytes)}, ${size(compressed)} compressed, ` +
          `${ms.toFixed(0)} ms, the event loop held for ${heldMs.toFixed(0)} ms`,
      );
      assertDocumented(row, [samples, bytes, compressed]);
    }
  });

  test(`${tenants} tenants on three routes scrape well, one by one and aggregated`, async (t) => {
    if (!hasPrograms(t, 'prometheus')) return;
    const { adminUrl, did } = await startTenantHost(t, { tenants });
    const url = `${adminUrl}/v1/metrics`;
    const page = await scrape(url);
    assertTotals(page, did);
    const started = page.families.find(({ name }) => name === 'arbiter_requests_started_total');
    assert.equal(started?.samples.length, tenants * 3, 'a series for each tenant and route');

    await t.test('?aggregate=tenant is the sum over the tenants, family by family', async () => {
      const aggregated = await scrape(`${url}?aggregate=tenant`);
      assert.deepEqual(
        aggregated.families.map(({ name, help, type }) => ({ name, help, type })),
        page.families.map(({ name, help, type }) => ({ name, help, type })),
      );
      for (const family of aggregated.families) {
        for (const { text, labels, value } of family.samples) {
          assert.equal(labels['tenant'], undefined, text);
          const summed = total(page, family.name, labels);
          // Each tenant's milliseconds are rounded down on their own.
          const tolerance = family.name.includes('duration_ms_sum') ? tenants : 0;
          assert.ok(value >= summed && value <= summed + tolerance, `${text}: ${value}, ${summed}`);
        }
      }
    });

    await t.test('Prometheus scrapes it, and everything else, without an error', async (t) => {
      const prometheus = await startPrometheus(t, {
        global: 'global: { scrape_interval: 5s, scrape_timeout: 5s }\n',
        jobs: ['/v1/metrics', '/metrics'].map(
          (path, i) =>
            `  - job_name: tenants-${i}\n    metrics_path: ${path}\n` +
            `    static_configs:\n      - targets: ['${new URL(url).host}']\n`,
        ),
      });
      await prometheus.scrapedAfter(Date.now());
      for (const job of ['tenants-0', 'tenants-1']) {
        assert.equal(
          await prometheus.value(`sum(arbiter_requests_started_total{job="${job}"})`),
          did.started,
        );
        assert.equal(
          await prometheus.value(
            `count(count by (tenant) (arbiter_requests_started_total{job="${job}"}))`,
          ),
          tenants,
        );
        assert.equal(await prometheus.value(`sum(arbiter_in_flight{job="${job}"})`), did.inFlight);
      }
    });
  });
}

test('tenants beyond the limit share the series of _overflow, and no request is lost', async (t) => {
  const limit = 20;
  const { adminUrl, did } = await startTenantHost(t, {
    tenants: 100,
    env: { AGENT_OTEL_TENANT_LIMIT: String(limit) },
  });
  const page = await scrape(`${adminUrl}/v1/metrics`);
  assertTotals(page, did);
  for (const { name, samples } of page.families) {
    const tenants = new Set(samples.flatMap(({ labels }) => labels['tenant'] ?? []));
    if (tenants.size === 0) continue;
    assert.ok(tenants.size <= limit + 1, `${name} has ${tenants.size} tenants`);
    assert.ok(tenants.has('_overflow'), `${name} folds`);
  }
  const own = total(page, 'arbiter_requests_started_total', { tenant: 'tenant-20' });
  assert.ok(own > 0, 'the last tenant within the limit keeps its series');
  assert.equal(total(page, 'arbiter_requests_started_total', { tenant: 'tenant-21' }), 0);

  const aggregated = await scrape(`${adminUrl}/v1/metrics?aggregate=tenant`);
  assertTotals(aggregated, did);
  const everything = await (await fetch(`${adminUrl}/metrics`)).text();
  assert.match(everything, /^agent_ledger_overflow_total\{[^}]*agent\.?_?tenant[^}]*\} [1-9]/m);
  assert.doesNotMatch(page.text, /agent_ledger_overflow/, 'no undocumented family at its path');
});
