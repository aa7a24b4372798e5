/** Every query of every dashboard, asked of the real Prometheus that watched servers at work. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Prometheus, Series } from '../integration/support/prometheus.js';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import { DASHBOARDS, expand, queriesOf, type PanelQuery } from './support/dashboards.js';
import { startLoaded } from './support/loaded.js';

/** What stays at 0 while all is well; the others have to show something. */
const QUIET = ['Restarts', 'Spans lost', 'Lines lost', 'Telemetry lost'];

test('every panel of every dashboard shows what the servers did', async (t) => {
  if (!hasPrograms(t, 'prometheus')) return;
  const { prometheus, load } = await startLoaded(t);
  const from = Date.now() / 1000;
  await load();

  const queries = [...DASHBOARDS].flatMap(([name, dashboard]) => queriesOf(name, dashboard));
  let missing: string[] = [];
  await waitFor(
    async () => {
      const range = { from, to: Date.now() / 1000 };
      const found = await Promise.all(queries.map((query) => problemOf(prometheus, query, range)));
      missing = found.flatMap((problem) => problem ?? []);
      return missing.length === 0;
    },
    { what: 'data in every panel', timeoutMs: 20_000 },
  ).catch(() => undefined);
  assert.deepEqual(missing, []);
  t.diagnostic(`${queries.length} queries of ${DASHBOARDS.size} dashboards`);

  for (const [name, { templating }] of DASHBOARDS) {
    await t.test(
      `${name}: each variable offers values, and one that is chosen is obeyed`,
      async () => {
        for (const { name: variable, definition } of templating.list) {
          if (definition === undefined) continue;
          const values = await valuesOf(prometheus, expand(definition));
          assert.ok(values.length > 0, definition);
          const [chosen = ''] = values;
          const own = queries.filter(
            ({ dashboard, expr }) => dashboard === name && expr.includes(`$${variable}`),
          );
          const narrowed = await Promise.all(
            own.map(({ expr }) =>
              prometheus.query(expand(expr, { [variable]: chosen.replaceAll('.', '\\\\.') })),
            ),
          );
          assert.ok(
            narrowed.some((series) => series.length > 0),
            `${variable}=${chosen}`,
          );
          const label = /, (\w+)\)$/.exec(definition)?.[1] ?? '';
          for (const { metric } of narrowed.flat()) {
            assert.ok(
              metric[label] === undefined || metric[label] === chosen,
              JSON.stringify(metric),
            );
          }
        }
      },
    );
  }
});

interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Why a panel would be empty, or undefined when it is not. */
async function problemOf(
  prometheus: Prometheus,
  { dashboard, panel, expr }: PanelQuery,
  range: TimeRange,
): Promise<string | undefined> {
  const query = expand(expr);
  assert.doesNotMatch(query, /\$/, `${dashboard}, ${panel}: a variable without a value`);
  const series = await queryRange(prometheus, query, range);
  const values = series.flatMap(({ values }) => values.map(([, value]) => value));
  const place = `${dashboard}, ${panel}: ${query}`;
  if (values.length === 0) return `${place} returns nothing`;
  // A quantile of nothing is NaN, which Grafana shows as a gap; a ratio of nothing is absent.
  const quantile = expr.startsWith('histogram_quantile');
  if (!quantile && !values.every(Number.isFinite)) return `${place} returns what is no number`;
  const shows = values.some((value) => Number.isFinite(value) && value !== 0);
  if (!shows && !QUIET.includes(panel)) return `${place} stays 0`;
  return undefined;
}

async function queryRange(
  { url }: Prometheus,
  query: string,
  { from, to }: TimeRange,
): Promise<Series[]> {
  const body = new URLSearchParams({ query, start: String(from), end: String(to), step: '1' });
  const answer = (await (
    await fetch(`${url}/api/v1/query_range`, { method: 'POST', body })
  ).json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  assert.equal(answer.status, 'success', `${query}: ${answer.error ?? ''}`);
  return answer.data.result.map(({ metric, values }) => ({
    metric,
    values: values.map(([time, text]) => [time, Number(text)] as const),
  }));
}

/** What Grafana asks for `label_values(SELECTOR, LABEL)`. */
async function valuesOf({ url }: Prometheus, definition: string): Promise<string[]> {
  const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
  const match = new URLSearchParams({ 'match[]': selector });
  const answer = (await (
    await fetch(`${url}/api/v1/label/${label}/values?${match.toString()}`)
  ).json()) as { data: string[] };
  return answer.data;
}
