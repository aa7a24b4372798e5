/** The Kubernetes objects say the same as the catalog, the configuration and each other. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { parseAllDocuments } from 'yaml';
import { SURFACES } from '../../src/catalog/surfaces.js';
import { ROOT } from '../support/paths.js';
import { readText, readYaml, RULE_FILES } from './support/rules.js';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly relabelings: readonly { readonly targetLabel: string; readonly replacement: string }[];
  readonly metricRelabelings?: readonly { readonly regex: string; readonly action: string }[];
}

/** The kinds of object here, as far as they are looked at. */
interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints?: readonly Endpoint[];
    readonly podMetricsEndpoints?: readonly Endpoint[];
    readonly groups?: unknown;
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly Container[] };
    };
    readonly ports?: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort: string;
    }[];
  };
}

interface Container {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

function objects(file: string): KubernetesObject[] {
  return parseAllDocuments(readText(`kubernetes/${file}`)).map((document) => {
    assert.deepEqual(document.errors, [], file);
    return document.toJS() as KubernetesObject;
  });
}

function only<T>(list: readonly T[] | undefined): T {
  assert.equal(list?.length, 1);
  return list[0] as T;
}

const [deployment, service] = objects('deployment.yaml');
const container = only(deployment?.spec.template?.spec.containers);
const variables = new Map(container.env.map(({ name, value }) => [name, value]));
const portOf = (name: string): number | undefined =>
  container.ports.find((port) => port.name === name)?.containerPort;
const ash = SURFACES.find(({ dialect }) => dialect === variables.get('AGENT_OTEL_DIALECT'));

test('the ports of the deployment are those that its server and its preload listen on', () => {
  assert.equal(String(portOf('http')), variables.get('PORT'));
  assert.equal(String(portOf('admin')), variables.get('OTEL_EXPORTER_PROMETHEUS_PORT'));
  const port = only(service?.spec.ports);
  assert.equal(port.targetPort, 'http');
  assert.equal(port.port, portOf('http'));
  assert.equal(variables.get('OTEL_EXPORTER_PROMETHEUS_HOST'), '0.0.0.0', 'others come from afar');
});

test('every variable of the deployment is one that somebody reads', () => {
  // The OpenTelemetry SDK reads the name of the service by itself.
  const read = `PORT OTEL_SERVICE_NAME ${readText('src/config/config.ts')}`;
  for (const name of variables.keys()) assert.match(read, new RegExp(`\\b${name}\\b`));
});

test('the probes ask for the health path of the dialect, where it is served inline', () => {
  assert.equal(variables.get('AGENT_OTEL_INLINE'), 'true');
  assert.ok(ash?.healthPath !== undefined);
  for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
    assert.deepEqual(probe.httpGet, { path: ash.healthPath, port: 'http' });
  }
});

test('there is a ServiceMonitor for each surface, at its path, with the job of the rules', () => {
  const monitors = objects('service-monitor.yaml');
  assert.deepEqual(
    monitors.map(({ metadata, spec }) => {
      const { port, path, relabelings } = only(spec.endpoints);
      return { name: metadata.name, labels: spec.selector.matchLabels, port, path, relabelings };
    }),
    SURFACES.map(({ dialect, path }) => ({
      name: dialect,
      labels: { 'app.kubernetes.io/name': dialect },
      port: 'http',
      path,
      relabelings: [{ targetLabel: 'job', replacement: dialect }],
    })),
  );
  const own = monitors.find(({ metadata }) => metadata.name === ash?.dialect);
  assert.equal(
    service?.metadata.labels['app.kubernetes.io/name'],
    own?.spec.selector.matchLabels['app.kubernetes.io/name'],
  );
  assert.equal(only(service?.spec.ports).name, only(own?.spec.endpoints).port);
});

test('the PodMonitor finds the admin port of the pods and drops what the others store', () => {
  const { spec } = only(objects('pod-monitor.yaml'));
  const { port, path, relabelings, metricRelabelings } = only(spec.podMetricsEndpoints);
  assert.equal(port, 'admin');
  assert.equal(path, '/metrics');
  assert.deepEqual(relabelings, [{ targetLabel: 'job', replacement: 'agent-otel' }]);
  const labels = deployment?.spec.template?.metadata.labels ?? {};
  for (const [label, value] of Object.entries(spec.selector.matchLabels)) {
    assert.equal(labels[label], value);
  }
  const { scrape_configs: jobs } = readYaml('prometheus/prometheus.yml') as {
    scrape_configs: {
      job_name: string;
      metric_relabel_configs?: { regex: string; action: string }[];
    }[];
  };
  const [admin] =
    jobs.find(({ job_name: job }) => job === 'agent-otel')?.metric_relabel_configs ?? [];
  const { regex, action } = only(metricRelabelings);
  assert.deepEqual({ regex, action }, { regex: admin?.regex, action: admin?.action });
});

test('the PrometheusRules are the rules of the folder prometheus', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['scripts/prometheus-rule.mjs', '--check'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const resources = objects('prometheus-rule.yaml');
  assert.deepEqual(
    resources.map(({ spec }) => spec),
    RULE_FILES.map(readYaml),
  );
});

test('every object is of a kind that its version has', () => {
  const kinds = ['deployment', 'service-monitor', 'pod-monitor', 'prometheus-rule'].flatMap(
    (name) => objects(`${name}.yaml`).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
  );
  assert.deepEqual(
    [...new Set(kinds)],
    [
      'apps/v1 Deployment',
      'v1 Service',
      'monitoring.coreos.com/v1 ServiceMonitor',
      'monitoring.coreos.com/v1 PodMonitor',
      'monitoring.coreos.com/v1 PrometheusRule',
    ],
  );
});
