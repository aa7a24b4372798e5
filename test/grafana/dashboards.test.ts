/** The dashboards as files: complete, in step with their definitions and with the catalog. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { INSTRUMENTS } from '../../src/catalog/instruments.js';
import { SURFACES } from '../../src/catalog/surfaces.js';
import { unknownIn } from '../prometheus/support/names.js';
import { readYaml } from '../prometheus/support/rules.js';
import { ROOT } from '../support/paths.js';
import { DASHBOARDS, expand, queriesOf, type Panel } from './support/dashboards.js';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

test('the files are what the definitions make', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/dashboards.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

test('there is a dashboard for each dialect and one for the canonical names', () => {
  const names = [...SURFACES.map(({ dialect }) => dialect), 'canonical'].sort();
  assert.deepEqual([...DASHBOARDS.keys()], names);
  assert.equal(new Set([...DASHBOARDS.values()].map(({ uid }) => uid)).size, names.length);
});

for (const [name, dashboard] of DASHBOARDS) {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');

  test(`${name}: every panel has what it needs to be read`, () => {
    for (const { title, description, datasource, fieldConfig, targets = [] } of panels) {
      assert.ok(title && description, title);
      assert.deepEqual(datasource, DATASOURCE, title);
      assert.ok(fieldConfig?.defaults.unit, title);
      assert.ok(fieldConfig.defaults.thresholds.steps.length > 0, title);
      assert.ok(targets.length > 0, title);
      for (const target of targets) {
        assert.deepEqual(target.datasource, DATASOURCE, title);
        assert.ok(target.legendFormat, title);
      }
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    }
  });

  test(`${name}: rows of health, traffic, errors, latency and saturation; no two panels overlap`, () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    for (const row of ['Health', 'Traffic', 'Errors', 'Latency', 'Saturation']) {
      assert.ok(rows.includes(row), row);
    }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
    const cells = new Set<string>();
    for (const panel of dashboard.panels) {
      for (const cell of cellsOf(panel)) {
        assert.ok(!cells.has(cell), `${panel.title} overlaps at ${cell}`);
        cells.add(cell);
      }
    }
  });

  test(`${name}: its variables are used, and nothing else is`, () => {
    const variables = dashboard.templating.list.map((variable) => variable.name);
    assert.deepEqual(variables.slice(0, 2), ['datasource', 'instance']);
    const text = queriesOf(name, dashboard)
      .map(({ expr }) => expr)
      .join('\n');
    for (const variable of variables.slice(1)) assert.ok(text.includes(`$${variable}`), variable);
    const used = new Set([...text.matchAll(/\$(\w+)/g)].map(([, variable]) => variable));
    used.delete('__rate_interval');
    assert.deepEqual([...used].sort(), variables.slice(1).sort());
  });

  test(`${name}: its queries ask for nothing that is not exposed`, () => {
    for (const { panel, expr } of queriesOf(name, dashboard)) {
      assert.deepEqual(unknownIn(expand(expr), ['up']), [], `${panel}: ${expr}`);
    }
    for (const { definition = '' } of dashboard.templating.list) {
      assert.deepEqual(unknownIn(expand(definition)), [], definition);
    }
  });
}

test('every documented family is on the dashboard of its dialect', () => {
  for (const { dialect, families } of SURFACES) {
    const dashboard = DASHBOARDS.get(dialect);
    assert.ok(dashboard);
    const text = JSON.stringify(queriesOf(dialect, dashboard));
    for (const { name } of families) assert.match(text, new RegExp(`\\b${name}\\b`));
  }
});

test('every canonical instrument is on the dashboard of their names', () => {
  const dashboard = DASHBOARDS.get('canonical');
  assert.ok(dashboard);
  const text = JSON.stringify(queriesOf('canonical', dashboard));
  for (const { name } of Object.values(INSTRUMENTS)) {
    assert.ok(text.includes(name.replaceAll('.', '_')), name);
  }
});

test('Grafana is told where Prometheus and the dashboards are', () => {
  const { datasources } = readYaml('grafana/provisioning/datasources/prometheus.yaml') as {
    datasources: { type: string; url: string; jsonData: { timeInterval: string } }[];
  };
  const { global } = readYaml('prometheus/prometheus.yml') as {
    global: { scrape_interval: string };
  };
  assert.equal(datasources.length, 1);
  assert.equal(datasources[0]?.type, 'prometheus');
  assert.equal(datasources[0].jsonData.timeInterval, global.scrape_interval);
  const { providers } = readYaml('grafana/provisioning/dashboards/agent-otel.yaml') as {
    providers: { type: string }[];
  };
  assert.equal(providers[0]?.type, 'file');
});

function* cellsOf({ title, gridPos: { x, y, w, h } }: Panel): Generator<string> {
  assert.ok(x >= 0 && x + w <= 24, `${title} is wider than the page`);
  for (let column = x; column < x + w; column++) {
    for (let line = y; line < y + h; line++) yield `${column},${line}`;
  }
}
