// Writes grafana/dashboards from the definitions in grafana/definitions; with --check it only
// says whether they are up to date. A definition has rows of panels; ids, places, data
// sources and the rest of Grafana's JSON are made here.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'prettier';

const DEFINITIONS = 'grafana/definitions';
const DASHBOARDS = 'grafana/dashboards';
const SCHEMA_VERSION = 42;
const COLUMNS = 24;
const HEIGHTS = { stat: 4, timeseries: 8 };

const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A variable with the values that a label has, all of them chosen at first. */
const labelVariable = ({ name, label, values }) => ({
  name,
  label,
  type: 'query',
  datasource,
  definition: values,
  query: { query: values, refId: name },
  refresh: 2,
  sort: 3,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
});

const datasourceVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  refresh: 1,
  multi: false,
  includeAll: false,
  current: {},
};

/** `{ 0.1: 'orange', 0.25: 'red' }`: green below the first. `base` is another colour for it. */
function thresholds({ base = 'green', ...steps } = {}) {
  const rest = Object.entries(steps)
    .map(([value, color]) => ({ value: Number(value), color }))
    .sort((a, b) => a.value - b.value);
  return { mode: 'absolute', steps: [{ value: null, color: base }, ...rest] };
}

const mappings = (texts) =>
  texts === undefined
    ? []
    : [
        {
          type: 'value',
          options: Object.fromEntries(
            Object.entries(texts).map(([value, text], index) => [value, { text, index }]),
          ),
        },
      ];

const colorOf = ([name, fixedColor]) => ({
  matcher: { id: 'byName', options: name },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
});

const LOOKS = {
  stat: {
    color: { mode: 'thresholds' },
    custom: () => ({}),
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
    },
  },
  timeseries: {
    color: { mode: 'palette-classic' },
    custom: ({ stacked = false, limits }) => ({
      drawStyle: 'line',
      lineWidth: 1,
      fillOpacity: stacked ? 40 : 10,
      showPoints: 'auto',
      spanNulls: false,
      stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
      thresholdsStyle: { mode: limits === undefined ? 'off' : 'dashed' },
    }),
    options: {
      legend: {
        displayMode: 'table',
        placement: 'bottom',
        showLegend: true,
        calcs: ['mean', 'max', 'lastNotNull'],
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  },
};

function panel(definition, { id, gridPos }) {
  const { title, description, unit, type = 'timeseries', queries, min = 0, max } = definition;
  const look = LOOKS[type];
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        min,
        ...(max !== undefined && { max }),
        noValue: 'none',
        color: look.color,
        custom: look.custom(definition),
        mappings: mappings(definition.texts),
        thresholds: thresholds(definition.limits),
      },
      overrides: Object.entries(definition.colors ?? {}).map(colorOf),
    },
    options: look.options,
    targets: Object.entries(queries).map(([legendFormat, expr], i) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + i),
      datasource,
      editorMode: 'code',
      expr: expr.replaceAll(/\s+/g, ' ').trim(),
      legendFormat,
      ...(type === 'stat' ? { instant: false, range: true } : { range: true }),
    })),
  };
}

/** The rows below each other, the panels of a row side by side in widths that add up to 24. */
function layOut(rows) {
  const panels = [];
  let y = 0;
  const nextId = () => panels.length + 1;
  for (const { title, panels: definitions } of rows) {
    panels.push({
      id: nextId(),
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const definition of definitions) {
      const h = HEIGHTS[definition.type ?? 'timeseries'];
      const w = definition.width ?? 8;
      if (x + w > COLUMNS) {
        x = 0;
        y += height;
        height = 0;
      }
      panels.push(panel(definition, { id: nextId(), gridPos: { x, y, w, h } }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

const dashboard = ({ uid, title, description, variables, rows }) => ({
  uid,
  title,
  description,
  tags: ['agent-otel'],
  schemaVersion: SCHEMA_VERSION,
  version: 1,
  editable: true,
  graphTooltip: 1,
  timezone: 'browser',
  time: { from: 'now-1h', to: 'now' },
  refresh: '30s',
  links: [
    {
      type: 'dashboards',
      title: 'agent-otel',
      tags: ['agent-otel'],
      asDropdown: true,
      includeVars: false,
      keepTime: true,
    },
  ],
  annotations: { list: [] },
  templating: { list: [datasourceVariable, ...variables.map(labelVariable)] },
  panels: layOut(rows),
});

for (const file of readdirSync(DEFINITIONS).sort()) {
  const { default: definition } = await import(pathToFileURL(path.resolve(DEFINITIONS, file)).href);
  const target = `${DASHBOARDS}/${file.replace('.mjs', '.json')}`;
  const text = await format(JSON.stringify(dashboard(definition)), {
    parser: 'json',
    printWidth: 100,
  });
  if (!process.argv.includes('--check')) {
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${target} does not match ${DEFINITIONS}: run node scripts/dashboards.mjs`);
    process.exitCode = 1;
  }
}
