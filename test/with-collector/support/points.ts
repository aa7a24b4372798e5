import type { Scrape } from '../../integration/support/exposition.js';
import type { OtlpPoint } from '../../support/otlp-decode.js';
import { waitFor } from '../../support/wait.js';
import { readTelemetry } from './telemetry-file.js';

/** The latest point of each series. */
export function latest(points: readonly OtlpPoint[]): OtlpPoint[] {
  const series = new Map<string, OtlpPoint>();
  for (const point of points) {
    const key = JSON.stringify([point.name, point.attributes]);
    if (point.timeNanos >= (series.get(key)?.timeNanos ?? 0)) series.set(key, point);
  }
  return [...series.values()];
}

export const isPushed = ({ scope }: OtlpPoint): boolean => scope.name === 'agent-otel';
export const isScraped = ({ scope }: OtlpPoint): boolean =>
  scope.name.endsWith('/prometheusreceiver');

/** The points of each kind, as soon as there are some that were made from now on. */
export async function freshPoints(
  file: string,
  ...kinds: readonly ((point: OtlpPoint) => boolean)[]
): Promise<OtlpPoint[][]> {
  const since = Date.now() * 1e6;
  return waitFor(
    () => {
      const points = readTelemetry(file).points.filter(({ timeNanos }) => timeNanos > since);
      const found = kinds.map((isWanted) => points.filter(isWanted));
      return found.every(({ length }) => length > 0) && found.map(latest);
    },
    { what: `points in ${file}`, timeoutMs: 30_000 },
  );
}

/** What a process keeps counting by itself. */
const CLOCKS = new Set(['ash_uptime_seconds']);

/** The samples of a page that the Prometheus receiver has otherwise. */
export function scrapedDifferences(page: Scrape, points: readonly OtlpPoint[]): string[] {
  return page.families
    .filter(({ name }) => !CLOCKS.has(name))
    .flatMap(({ samples }) => samples)
    .flatMap((sample) => {
      const copy = points.find(
        ({ name, attributes }) =>
          name === sample.name &&
          Object.keys(attributes).length === Object.keys(sample.labels).length &&
          Object.entries(sample.labels).every(([label, value]) => attributes[label] === value),
      );
      return copy?.value === sample.value
        ? []
        : [`${sample.text} is ${sample.value}, and ${copy?.value ?? 'absent'} when scraped`];
    });
}
