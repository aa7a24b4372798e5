import { strict as assert } from 'node:assert';
import { oursOf } from './in-process-row.mjs';

export const PROM = 'prom-client';
export const OTEL = 'stock OTel exporter';

/** Series of one tenant: three families on three routes, and what is in flight. */
const OF_TENANT = 10;

export const SERIES_WORK =
  'tenants on three routes each: requests started, completed and their milliseconds by tenant ' +
  "and route (nine series a tenant), and in flight by tenant, which arbiter's document has as well";

/** @param {readonly import('./ours.mjs').Ours[]} builds @param {readonly string[]} [flags] */
export const seriesStacks = (builds, flags = []) => [
  ...oursOf(builds, {
    file: 'scrape/ours.cjs',
    preload: false,
    flags,
    env: { AGENT_OTEL_TENANT_LIMIT: '100000' },
  }),
  { name: PROM, file: 'scrape/prom.cjs', flags },
  {
    name: OTEL,
    file: 'scrape/otel.cjs',
    flags,
    env: { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' },
  },
];

/** Renders in the process; fails unless the text has every series. */
export async function render(subject, { tenants, times }) {
  const ms = await subject.ask('render', times);
  await renderOnce(subject, tenants);
  return ms;
}

/** Renders once; fails unless the text has every series. */
export async function renderOnce(subject, tenants) {
  const samples = await subject.ask('countSamples');
  assert.equal(samples, tenants * OF_TENANT, `${subject.name}: samples`);
}
