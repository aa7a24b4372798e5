/** prometheus.yml: the documents' jobs, and the real Prometheus that runs it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from 'yaml';
import { SURFACES } from '../../src/catalog/surfaces.js';
import { documented } from '../integration/support/documents.js';
import { startExample } from '../integration/support/example-server.js';
import type { Prometheus } from '../integration/support/prometheus.js';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import { CONFIGURATION, startConfigured } from './support/configured.js';
import { CANONICAL_NAMES, DOCUMENTED_NAMES } from './support/names.js';
import { readText, readYaml, RULE_FILES, rulesOf } from './support/rules.js';

interface Job {
  readonly job_name: string;
  readonly metrics_path: string;
  readonly static_configs?: readonly { readonly targets: readonly string[] }[];
  readonly file_sd_configs?: readonly { readonly files: readonly string[] }[];
  readonly metric_relabel_configs?: readonly { readonly regex: string; readonly action: string }[];
}

interface Configuration {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly Job[];
}

const { rule_files: ruleFiles, scrape_configs: jobs } = readYaml(CONFIGURATION) as Configuration;
const jobOf = (name: string): Job | undefined => jobs.find(({ job_name: job }) => job === name);

test("the jobs are the documents' own, at the documented paths", () => {
  for (const dialect of ['ash', 'arbiter']) {
    const { scrape_configs: own } = parse(documented(`${dialect}-scrape.yml`)) as Configuration;
    const [job] = own;
    assert.deepEqual(
      { ...jobOf(dialect), static_configs: [] },
      { ...job, static_configs: [] },
      dialect,
    );
  }
  for (const { dialect, path } of SURFACES) assert.equal(jobOf(dialect)?.metrics_path, path);
  assert.deepEqual(ruleFiles.map((file) => `prometheus/${file}`).sort(), RULE_FILES);
});

const staticTargets = ({ static_configs: groups = [] }: Job): string[] =>
  groups.flatMap(({ targets }) => targets);

test('the targets are the ports that npm start prints', () => {
  const start = readText('examples/start.ts');
  for (const target of jobs.flatMap(staticTargets)) {
    const [host, port = ''] = target.split(':');
    assert.equal(host, 'localhost');
    assert.match(start, new RegExp(`[pP]ort: ${port},`), target);
  }
});

test('Collectors are found in files that name none, and say how', () => {
  for (const [job, ports] of [
    ['otelcol', [8888, 8898, 8899]],
    ['otelcol-gateway', [8889, 8890]],
  ] as const) {
    const file = `targets/${job}.yml`;
    assert.deepEqual(jobOf(job)?.file_sd_configs, [{ files: [file] }]);
    assert.deepEqual(readYaml(`prometheus/${file}`), [], 'no Collector is expected');
    const [, example = ''] = /^# {3}(- targets: .*)$/m.exec(readText(`prometheus/${file}`)) ?? [];
    assert.deepEqual(parse(example), [{ targets: ports.map((port) => `localhost:${port}`) }]);
    const configurations = ['agent', 'gateway-agent', 'gateway'].map((name) =>
      readText(`otel-collector/${name}.yaml`),
    );
    for (const port of ports) assert.match(configurations.join(''), new RegExp(`[-:]${port}}`));
  }
});

test('of the admin listeners everything is kept that the other jobs do not store', () => {
  const [relabel] = jobOf('agent-otel')?.metric_relabel_configs ?? [];
  const dropped = new RegExp(`^(?:${relabel?.regex ?? ''})$`);
  assert.equal(relabel?.action, 'drop');
  assert.deepEqual(
    DOCUMENTED_NAMES.filter((name) => !dropped.test(name)),
    [],
  );
  assert.deepEqual(
    CANONICAL_NAMES.filter((name) => dropped.test(name)),
    [],
  );
});

test('the real Prometheus loads and evaluates every rule without an error', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const [wasmrun, ash, arbiter] = await Promise.all([
    startExample(t, 'wasmrun'),
    startExample(t, 'ash', { args: ['--max-sandboxes', '4'] }),
    startExample(t, 'arbiter'),
  ]);
  await fetch(`${ash.url}/api/sessions`, { method: 'POST', body: '{"agent":"a"}' });
  const prometheus = await startConfigured(t, {
    8430: [wasmrun.url],
    4100: [ash.url],
    8080: [arbiter.url],
    9464: [wasmrun.adminUrl],
    9465: [ash.adminUrl],
    9466: [arbiter.adminUrl],
  });
  await prometheus.scrapedAfter(Date.now());

  const evaluated = await waitFor(
    async () => {
      const groups = await groupsOf(prometheus);
      return (
        groups.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')) && groups
      );
    },
    { what: 'an evaluation of every rule' },
  );
  const all = evaluated.flatMap(({ rules }) => rules);
  assert.deepEqual(
    all.filter(({ health, lastError }) => health !== 'ok' || lastError !== undefined),
    [],
  );
  assert.deepEqual(
    all.map(({ name }) => name).sort(),
    RULE_FILES.flatMap(rulesOf)
      .map(({ alert, record }) => alert ?? record)
      .sort(),
  );
  const ratio = await waitFor(async () => {
    const [series] = await prometheus.query('instance:ash_pool_sandboxes_per_max_capacity:ratio');
    return series?.values[0]?.[1];
  });
  assert.ok(ratio > 0 && ratio <= 1, `a pool of which ${ratio} are in use`);
  const firing = await prometheus.query('ALERTS{alertstate="firing"}');
  assert.deepEqual(firing, [], 'no alert about three servers that are well');

  const twice = `count by (__name__) ({__name__=~"(wasmrun_agent|ash|arbiter)_.+",job="agent-otel"})`;
  assert.deepEqual(await prometheus.query(twice), []);
  assert.equal((await prometheus.query('agent_session_active{job="agent-otel"}')).length, 3);
});

interface LoadedGroup {
  readonly rules: readonly {
    readonly name: string;
    readonly health: string;
    readonly lastError?: string;
  }[];
}

async function groupsOf({ url }: Prometheus): Promise<LoadedGroup[]> {
  const answer = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    data: { groups: LoadedGroup[] };
  };
  return answer.data.groups;
}
