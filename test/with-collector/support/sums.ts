import { scrape, type Sample } from '../../integration/support/exposition.js';
import type { Did } from '../../integration/support/tenant-host.js';
import type { Collector } from './collector.js';

/** The samples on the pages of these gateways. */
export async function samplesOf(
  gateways: readonly Collector[],
  page: 'pushed' | 'scraped',
): Promise<Sample[]> {
  const pages = await Promise.all(
    gateways.map(async ({ pages: { [page]: url } }) => {
      // A page that has nothing yet is empty, which the format does not allow.
      const empty = (await (await fetch(url)).text()) === '';
      return empty ? [] : (await scrape(url)).families;
    }),
  );
  return pages.flat().flatMap(({ samples }) => samples);
}

/** The sum of the samples of one name, of those with these labels alone. */
export function sum(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    .reduce((total, { value }) => total + value, 0);
}

/** What the pushed instruments of one process come to. */
export function pushedOf(samples: readonly Sample[], instance: string): Did {
  const of = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    sum(samples, name, { instance, ...labels });
  return {
    started: of('agent_request_started_total'),
    ok: of('agent_request_duration_seconds_count', { agent_request_ok: 'true' }),
    notOk: of('agent_request_duration_seconds_count', { agent_request_ok: 'false' }),
    inFlight: of('agent_request_active'),
    limited: of('agent_request_rate_limited_total'),
  };
}

/** What the documented families of one process come to, scraped by an agent.yaml. */
export function scrapedOf(samples: readonly Sample[], instance: string): Did {
  const of = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    sum(samples, name, { instance, ...labels });
  return {
    started: of('arbiter_requests_started_total'),
    ok: of('arbiter_requests_completed_total', { ok: 'true' }),
    notOk: of('arbiter_requests_completed_total', { ok: 'false' }),
    inFlight: of('arbiter_in_flight'),
    limited: of('arbiter_rate_limited_total'),
  };
}
