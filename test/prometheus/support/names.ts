/** The names under which what we expose is stored in Prometheus, from the catalog. */
import { INSTRUMENTS } from '../../../src/catalog/instruments.js';
import type { InstrumentDeclaration } from '../../../src/catalog/instrument.js';
import { SURFACES } from '../../../src/catalog/surfaces.js';

const underscored = (name: string): string => name.replaceAll('.', '_');

/**
 * The series of a canonical instrument, as the admin listener names them, and with the unit
 * in the name, as a Collector's Prometheus exporter does.
 */
function seriesOf({ name, kind, unit, boundaries }: InstrumentDeclaration): string[] {
  const suffix = { s: '_seconds', By: '_bytes' }[unit] ?? '';
  const parts = {
    counter: ['_total'],
    upDownCounter: [''],
    histogram: boundaries === undefined ? ['_sum', '_count'] : ['_bucket', '_sum', '_count'],
  }[kind];
  return [...new Set(['', suffix])].flatMap((unitPart) =>
    parts.map((part) => `${underscored(name)}${unitPart}${part}`),
  );
}

const instruments: readonly InstrumentDeclaration[] = Object.values(INSTRUMENTS);
const families = SURFACES.flatMap((surface) => surface.families);

export const DOCUMENTED_NAMES: readonly string[] = families.map(({ name }) => name);
export const CANONICAL_NAMES: readonly string[] = instruments.flatMap(seriesOf);

const SIGNALS = ['spans', 'metric_points', 'log_records'];
const perSignal = (name: string): string[] => SIGNALS.map((signal) => `${name}_${signal}`);

/** What the Collectors' own metrics are called: test/with-collector/own-metrics.test.ts asks them. */
export const COLLECTOR_NAMES: readonly string[] = [
  'otelcol_exporter_queue_size',
  'otelcol_exporter_queue_capacity',
  ...perSignal('otelcol_exporter_send_failed'),
  ...perSignal('otelcol_exporter_enqueue_failed'),
  ...perSignal('otelcol_processor_memory_limiter_refused'),
  ...perSignal('otelcol_receiver_accepted'),
  ...perSignal('otelcol_receiver_refused'),
  ...perSignal('otelcol_receiver_failed'),
  'otelcol_loadbalancer_backend_outcome',
  'otelcol_process_memory_rss',
];

/** Their labels, and those that the rules and the scrape configuration add. */
export const COLLECTOR_LABELS: readonly string[] = [
  'exporter',
  'data_type',
  'receiver',
  'transport',
  'processor',
  'success',
  'signal',
];

/** Labels, with their values where the set is closed. */
export const LABELS: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map<
  string,
  Set<string> | undefined
>([
  ['job', undefined],
  ['instance', undefined],
  ['le', undefined],
  ['gateway', undefined],
  ...COLLECTOR_LABELS.map((label) => [label, undefined] as const),
  ...instruments
    .flatMap(({ attributes }) => attributes)
    .map(({ key, values }) => [underscored(key), values && new Set(values)] as const),
  // One name may stand for several sets: `reason` of rejections and of the limiter.
  ...[...new Set(families.flatMap(({ labels }) => labels.map(({ name }) => name)))].map((label) => {
    const sets = families.flatMap(({ labels }) => labels.filter(({ name }) => name === label));
    const closed = sets.flatMap(({ values }) => values ?? []);
    return [label, closed.length === 0 ? undefined : new Set(closed)] as const;
  }),
]);

const OURS =
  /\b(?:wasmrun_agent|ash|arbiter|agent|gen_ai|http_server|http|otelcol)_[a-z0-9_]+\b(?!:)/g;

/**
 * What a query names that nothing exposes: metrics, labels, and values outside of the closed
 * sets. Patterns of names are tried against all names. `known` are names of other kinds.
 */
export function unknownIn(query: string, known: readonly string[] = []): string[] {
  const problems: string[] = [];
  const metrics = new Set([...DOCUMENTED_NAMES, ...CANONICAL_NAMES, ...COLLECTOR_NAMES, ...known]);
  const patterns = [...query.matchAll(/__name__=~"([^"]+)"/g)].map(([, pattern = '']) => pattern);
  for (const pattern of patterns) {
    if (![...metrics].some((name) => new RegExp(`^(?:${pattern})$`).test(name))) {
      problems.push(`no metric is named like ${pattern}`);
    }
  }
  const matchers = [...query.matchAll(/\b(\w+)\s*(?:!=|=~|!~|=)\s*"((?:[^"\\]|\\.)*)"/g)];
  for (const [matcher, label = '', value = ''] of matchers) {
    if (label === '__name__') continue;
    if (!LABELS.has(label)) problems.push(`no label is named ${label}`);
    const values = LABELS.get(label);
    const exact = !/[.*+$?|]/.test(value) && value !== '';
    if (values !== undefined && exact && !values.has(value)) problems.push(`never: ${matcher}`);
  }
  const rest = query
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/[a-z_]+:[\w:]+/g, (name) => {
      if (!metrics.has(name)) problems.push(`no rule records ${name}`);
      return '';
    });
  for (const [name] of rest.matchAll(OURS)) {
    if (!metrics.has(name) && !LABELS.has(name)) problems.push(`nothing is named ${name}`);
  }
  return problems;
}
