/** The compose file: what it mounts is there, what it says fits together, its load works. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { collectorBinary } from './support/collector.js';
import { startExample } from '../integration/support/example-server.js';
import { startProgram } from '../integration/support/processes.js';
import { scrape } from '../integration/support/exposition.js';
import { readText, readYaml } from '../prometheus/support/rules.js';
import { ROOT } from '../support/paths.js';
import { waitFor } from '../support/wait.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

const { services, volumes: named } = readYaml('compose/compose.yaml') as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, null>>;
};

interface Mount {
  readonly service: string;
  readonly source: string;
  readonly target: string;
}

const mounts: readonly Mount[] = Object.entries(services).flatMap(([service, { volumes = [] }]) =>
  volumes.map((text) => {
    const [source = '', target = ''] = text.split(':');
    return { service, source, target };
  }),
);

/** The repository's file behind a path inside of a container. */
function behind(service: string, inside: string): string {
  const mount = mounts.find(
    (one) => one.service === service && `${inside}/`.startsWith(`${one.target}/`),
  );
  assert.ok(mount, `${service} has no ${inside}`);
  return path.join('compose', mount.source, path.relative(mount.target, inside));
}

const option = (service: string, name: string): string[] =>
  (services[service]?.command ?? []).flatMap((text) =>
    text.startsWith(`--${name}=`) ? text.slice(name.length + 3) : [],
  );

test('what is mounted is in the repository, or a volume that both sides name', () => {
  for (const { service, source } of mounts) {
    if (source.startsWith('.')) {
      assert.ok(existsSync(path.join(ROOT, 'compose', source)), `${service}: ${source}`);
    } else assert.ok(source in named, `${service}: ${source}`);
  }
  for (const name of Object.keys(named)) {
    assert.ok(
      mounts.some(({ source }) => source === name),
      name,
    );
  }
});

test('every image has a version, and services refer to services', () => {
  for (const [
    name,
    { image, build, network_mode: network, depends_on: needs = {} },
  ] of Object.entries(services)) {
    assert.ok(build !== undefined || /:v?\d[\w.-]*$/.test(image ?? ''), name);
    for (const other of Object.keys(needs)) assert.ok(other in services, other);
    if (network !== undefined) assert.ok(network.replace('service:', '') in services, network);
  }
});

test('all share one network, whose owner publishes the ports, on loopback alone', () => {
  const owners = Object.keys(services).filter((name) => services[name]?.network_mode === undefined);
  assert.deepEqual(owners, ['prometheus']);
  for (const [name, { network_mode: network, ports }] of Object.entries(services)) {
    if (name === 'prometheus') continue;
    assert.equal(network, 'service:prometheus', name);
    assert.equal(ports, undefined, name);
  }
  assert.deepEqual(services['prometheus']?.ports, ['127.0.0.1:9090:9090', '127.0.0.1:3000:3000']);
});

test('Prometheus gets its configuration and every file of rules', () => {
  const [config = ''] = option('prometheus', 'config.file');
  const file = behind('prometheus', config);
  assert.equal(file, 'prometheus/prometheus.yml');
  const { rule_files: rules } = readYaml(file) as { rule_files: string[] };
  for (const rule of rules) {
    readYaml(behind('prometheus', path.join(path.dirname(config), rule)));
  }
});

test('Prometheus gets the Collector as a target, at the port of its own metrics', () => {
  const targets = readYaml(behind('prometheus', '/etc/prometheus/targets/otelcol.yml'));
  const [, port] = /TELEMETRY_PORT:-(\d+)}/.exec(readText('otel-collector/agent.yaml')) ?? [];
  assert.deepEqual(targets, [{ targets: [`localhost:${port ?? ''}`] }]);
  const gateways = behind('prometheus', '/etc/prometheus/targets/otelcol-gateway.yml');
  assert.deepEqual(readYaml(gateways), []);
});

test('Grafana gets its provisioning, which finds Prometheus and the dashboards', () => {
  const provisioning = '/etc/grafana/provisioning';
  const { datasources } = readYaml(
    behind('grafana', `${provisioning}/datasources/prometheus.yaml`),
  ) as { datasources: { url: string }[] };
  assert.equal(datasources[0]?.url, 'http://localhost:9090');
  const { providers } = readYaml(
    behind('grafana', `${provisioning}/dashboards/agent-otel.yaml`),
  ) as { providers: { options: { path: string } }[] };
  const folder = providers[0]?.options.path ?? '';
  assert.equal(behind('grafana', folder), 'grafana/dashboards');
  const home =
    services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
  assert.ok(home.startsWith(folder));
  JSON.parse(readText(behind('grafana', home)));
});

interface CollectorConfiguration {
  readonly exporters: Readonly<Record<string, unknown>>;
  readonly service: {
    readonly pipelines: Readonly<Record<string, { readonly exporters: readonly string[] }>>;
  };
}

test('the Collector gets what it reads, listens where the servers send, and sends nowhere', () => {
  const [agentFile = '', ownFile = ''] = option('collector', 'config').map((inside) =>
    behind('collector', inside),
  );
  const text = readText(agentFile);
  const agent = readYaml(agentFile) as CollectorConfiguration;
  const own = readYaml(ownFile) as CollectorConfiguration;
  assert.deepEqual(Object.keys(own.service.pipelines), Object.keys(agent.service.pipelines));
  for (const { exporters } of Object.values(own.service.pipelines)) {
    for (const exporter of exporters) {
      assert.ok(exporter in agent.exporters, exporter);
      assert.doesNotMatch(exporter, /otlp/);
    }
  }
  const endpoint = services['servers']?.environment?.['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  assert.ok(text.includes(new URL(endpoint).host), endpoint);
  const variables = services['collector']?.environment ?? {};
  for (const name of Object.keys(variables)) assert.ok(text.includes(`\${env:${name}`), name);
  const [logs] = mounts.filter(
    ({ service, source }) => service === 'collector' && source === 'logs',
  );
  assert.ok(variables['COLLECTOR_LOGS']?.startsWith(`${logs?.target ?? ''}/`));
  const manifest = readText('otel-collector/manifest.yaml');
  const version = /version: (\S+)/.exec(manifest)?.[1] ?? '';
  assert.ok(services['collector']?.image?.endsWith(`:${version}`), 'the version that is tested');
});

test('the real Collector accepts its configuration with ours on top', (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined) return;
  const configs = option('collector', 'config').map((inside) => behind('collector', inside));
  const { status, stderr } = spawnSync(
    binary,
    ['validate', ...configs.map((file) => `--config=${file}`)],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TMPDIR: tmpdir(), COLLECTOR_STORAGE: tmpdir() },
    },
  );
  assert.equal(status, 0, stderr);
});

test('the servers are built from the repository, on a Node that the package supports', () => {
  const { context = '', dockerfile = '' } = services['servers']?.build ?? {};
  assert.equal(path.join('compose', context), '.');
  const text = readText(dockerfile);
  assert.equal(/^FROM node:(\d+)/m.exec(text)?.[1], '20');
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  for (const [, script = ''] of text.matchAll(/npm run (\S+)/g))
    assert.ok(script in scripts, script);
  for (const file of /^COPY ((?:\S+ )+)\.\/$/m.exec(text)?.[1]?.trim().split(' ') ?? []) {
    assert.ok(existsSync(path.join(ROOT, file)), file);
  }
  assert.ok(text.includes('build/examples/start.js'));
  assert.match(readText('examples/start/servers.ts'), /path\.join\(BUILD, 'logs'/);
  assert.ok(mounts.some(({ target }) => target === '/app/build/logs'));
});

test('the load moves every server', async (t) => {
  const [wasmrun, ash, arbiter] = await Promise.all([
    startExample(t, 'wasmrun'),
    startExample(t, 'ash'),
    startExample(t, 'arbiter'),
  ]);
  const program = startProgram(t, {
    command: process.execPath,
    args: ['compose/load.mjs'],
    env: { WASMRUN_URL: wasmrun.url, ASH_URL: ash.url, ARBITER_URL: arbiter.url },
  });
  for (const [url, family] of [
    [`${wasmrun.url}/api/v1/metrics`, 'wasmrun_agent_exec_total'],
    [`${ash.url}/metrics`, 'ash_resume_total'],
    [`${arbiter.url}/v1/metrics`, 'arbiter_requests_completed_total'],
  ] as const) {
    await waitFor(
      async () => {
        const page = await scrape(url);
        const samples = page.families.find(({ name }) => name === family)?.samples ?? [];
        return samples.reduce((sum, { value }) => sum + value, 0) >= 2;
      },
      { what: `${family} to rise: ${program.merged()}`, timeoutMs: 20_000 },
    );
  }
  assert.equal(program.stderr(), '', 'it met no error');
});
