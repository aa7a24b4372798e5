import { strict as assert } from 'node:assert';
import { sumOf } from './get.mjs';
import { oursOf } from './in-process-row.mjs';

export const HELD = ' held';
export const PROM_INC = 'prom-client inc({…})';
export const PROM_BOUND = 'prom-client bound child';
export const OTEL_ADD = 'OTel counter.add(1, {…})';
export const LOOP = 'empty loop';

/** @param {readonly import('./ours.mjs').Ours[]} builds */
export const recordStacks = (builds) => [
  { name: LOOP, file: 'record/loop.cjs' },
  ...oursOf(builds, { file: 'record/ours.cjs' }),
  ...oursOf(builds, { file: 'record/ours.cjs', setting: HELD, env: { BENCH_BOUND: '1' } }),
  { name: PROM_INC, file: 'record/prom.cjs' },
  { name: PROM_BOUND, file: 'record/prom.cjs', env: { BENCH_BOUND: '1' } },
  { name: OTEL_ADD, file: 'record/otel.cjs' },
];

/** Nanoseconds of one event; fails unless the metrics have every one. */
export async function recordOnce(subject, tenants) {
  const { ns, operations } = await subject.ask('measure', tenants);
  if (subject.name !== LOOP) {
    const counted = sumOf(await subject.ask('scrape'), /rate_limited_total$/);
    assert.equal(counted, operations, `${subject.name}: events that were counted`);
  }
  return ns;
}
