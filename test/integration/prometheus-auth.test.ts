/** A server that requires keys, under the real Prometheus with a key and without one. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import { startExample } from './support/example-server.js';
import { keyFile, keyLine } from './support/key-file.js';
import { startPrometheus } from './support/prometheus.js';

const KEY = 'scraper-key-0001';

test('Prometheus needs a key where the server has keys, and then sees aggregates alone', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const file = keyFile(t, keyLine('acme', KEY));
  const server = await startExample(t, 'wasmrun', { args: ['--auth', file] });
  await fetch(`${server.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
  });
  const job = (name: string, { url, path }: { url: string; path: string }): string =>
    `  - job_name: ${name}\n    metrics_path: ${path}\n` +
    `    static_configs:\n      - targets: ['${new URL(url).host}']\n`;
  const documented = { url: server.url, path: '/api/v1/metrics' };
  const everything = { url: server.adminUrl, path: '/metrics' };
  const withKey = `    authorization: { credentials: ${KEY} }\n`;
  const prometheus = await startPrometheus(t, {
    global: 'global: { scrape_interval: 1s, scrape_timeout: 1s }\n',
    jobs: [
      job('keyed', documented) + withKey,
      job('keyed-admin', everything) + withKey,
      job('keyless', documented),
      job('keyless-admin', everything),
    ],
  });
  await waitFor(async () => (await prometheus.query('up')).length === 4, {
    what: 'all four to be scraped',
    timeoutMs: 20_000,
  });
  for (const { scrapePool, lastError } of await prometheus.targets()) {
    if (scrapePool.startsWith('keyed')) assert.equal(lastError, '');
    else assert.match(lastError, /401 Unauthorized/, scrapePool);
  }
  assert.equal(await prometheus.value('sum(up)'), 2);
  for (const name of ['keyed', 'keyed-admin']) {
    assert.equal(await prometheus.value(`wasmrun_agent_sessions_active{job="${name}"}`), 1);
    const named = await prometheus.query(
      `{job="${name}",tenant!=""} or {job="${name}",session!=""}`,
    );
    assert.deepEqual(named, []);
  }
  await waitFor(
    async () => {
      const rejected = 'wasmrun_agent_exec_rejected_total{job="keyed",reason="unauthorized"}';
      return (await prometheus.value(rejected)) > 0;
    },
    { what: 'the scrapes without a key to be counted' },
  );
});
