/** The admin listener's `/metrics`, which holds everything, under the real Prometheus. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { startExample } from './support/example-server.js';
import { scrape } from './support/exposition.js';
import { startPrometheus } from './support/prometheus.js';
import { startTenantHost } from './support/tenant-host.js';

/** What Prometheus 2.42 sends. */
const PROMETHEUS_ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
  'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

const GLOBAL = 'global: { scrape_interval: 1s, scrape_timeout: 1s }\n';

const job = (name: string, url: string): string =>
  `  - job_name: ${name}\n    static_configs:\n      - targets: ['${new URL(url).host}']\n`;

async function openMetrics(adminUrl: string): Promise<string> {
  const answer = await fetch(`${adminUrl}/metrics`, { headers: { accept: PROMETHEUS_ACCEPT } });
  assert.equal(
    answer.headers.get('content-type'),
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  return answer.text();
}

test('the admin listeners of all three servers are scraped in OpenMetrics without an error', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const servers = {
    wasmrun: await startExample(t, 'wasmrun'),
    ash: await startExample(t, 'ash'),
    arbiter: await startExample(t, 'arbiter'),
  };
  const session = await fetch(`${servers.wasmrun.url}/api/v1/sessions`, { method: 'POST' });
  const { id } = (await session.json()) as { id: string };
  await fetch(`${servers.wasmrun.url}/api/v1/sessions/${id}/exec`, {
    method: 'POST',
    body: JSON.stringify({ code: '1' }),
  });
  await fetch(`${servers.ash.url}/api/sessions`, {
    method: 'POST',
    body: JSON.stringify({ agent: 'my-agent' }),
  });
  const run = await fetch(`${servers.arbiter.url}/v1/agents/a1/chat`, {
    method: 'POST',
    headers: { authorization: 'Bearer tenant-3-key' },
    body: JSON.stringify({ message: 'run: 6 * 7', provider: 'gemini' }),
  });
  await run.text();

  const prometheus = await startPrometheus(t, {
    global: GLOBAL,
    jobs: Object.entries(servers).map(([name, { adminUrl }]) => job(name, adminUrl)),
  });
  await prometheus.scrapedAfter(Date.now());
  for (const [name, { url, adminUrl }] of Object.entries(servers)) {
    const text = await openMetrics(adminUrl);
    assert.match(text, /# EOF\n$/);
    const path = { wasmrun: '/api/v1/metrics', ash: '/metrics', arbiter: '/v1/metrics' }[name];
    for (const { name: family, samples } of (await scrape(`${url}${path ?? ''}`)).families) {
      if (family === 'ash_uptime_seconds') continue;
      for (const { text: sample, value } of samples) {
        const stored = `{job="${name}",${/\{(.*)\}/.exec(sample)?.[1] ?? ''}}`;
        assert.equal(await prometheus.value(`${family}${stored}`), value, sample);
      }
    }
    const requests = `{job="${name}",__name__=~"http_server_request_duration(_seconds)?_count"}`;
    assert.ok((await prometheus.value(`sum(${requests})`)) > 0, requests);
  }
  const seconds = 'sum({job="wasmrun",__name__=~"agent_exec_duration(_seconds)?_sum"}) * 1000';
  const difference = `${seconds} - sum(wasmrun_agent_exec_duration_ms_sum)`;
  assert.ok(Math.abs(await prometheus.value(difference)) < 1, 'one sum, two readers');
});

test('label values that a client may choose arrive in Prometheus as they were meant', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const long = 'x'.repeat(10_240);
  const hostile: Readonly<Record<string, string | RegExp>> = {
    'quotes " and \' and `': 'quotes " and \' and `',
    'two\nlines': 'two\nlines',
    'back\\slash \\n \\" \\': 'back\\slash \\n \\" \\',
    '{a="b"} 1\n# EOF\n': '{a="b"} 1\n# EOF\n',
    'carriage\rreturn\ttab': 'carriage\rreturn\ttab',
    'nul\0inside': 'nul\ufffdinside',
    'lone \ud800 surrogate': 'lone \ufffd surrogate',
    'snow ☃ and 🦀': 'snow ☃ and 🦀',
    [long]: /^x{200,}~[0-9a-f]{8}$/,
    [`${long}y`]: /^x{200,}~[0-9a-f]{8}$/,
    '# HELP x y': '# HELP x y',
    ' ': ' ',
  };
  const { adminUrl, did } = await startTenantHost(t, { tenants: Object.keys(hostile) });
  const prometheus = await startPrometheus(t, {
    global: GLOBAL,
    jobs: [job('openmetrics', adminUrl), `${job('text', adminUrl)}    metrics_path: /v1/metrics\n`],
  });
  await prometheus.scrapedAfter(Date.now());
  await openMetrics(adminUrl);

  const assertValues = (values: readonly string[]): void => {
    assert.equal(new Set(values).size, values.length);
    assert.equal(values.length, Object.keys(hostile).length);
    for (const wanted of Object.values(hostile)) {
      const found = values.filter((value) =>
        typeof wanted === 'string' ? value === wanted : wanted.test(value),
      );
      assert.ok(found.length > 0, `${String(wanted)} in ${JSON.stringify(values)}`);
    }
  };
  for (const name of ['openmetrics', 'text']) {
    const family = `arbiter_requests_started_total{job="${name}",route="messages"}`;
    const series = await prometheus.query(family);
    assertValues(series.map(({ metric }) => metric['tenant'] ?? ''));
    assert.equal(
      await prometheus.value(`sum(arbiter_requests_started_total{job="${name}"})`),
      did.started,
    );
  }
  const calls = await prometheus.query('agent_provider_calls_total{job="openmetrics"}');
  assertValues(calls.map(({ metric }) => metric['gen_ai_provider_name'] ?? ''));
});
