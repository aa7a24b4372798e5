import assert from 'node:assert/strict';
import type { OtlpPoint } from '../../support/otlp-decode.js';
import type { Sample, Scrape } from './exposition.js';

/** Where a documented family stands among the canonical instruments. */
interface Source {
  readonly instrument: string;
  readonly field?: 'value' | 'count' | 'milliseconds';
  /** The attribute that each label is. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Which points count at all. */
  readonly where?: readonly [attribute: string, values: RegExp];
}

const ROUTE = { tenant: 'agent.tenant.id', route: 'agent.route' };
const PROVIDER = { provider: 'gen_ai.provider.name' };
const OF_STATE = 'agent.sandbox.state';

/** Written by hand from the documents and the conventions, apart from the catalog. */
const SOURCES: Readonly<Record<string, Source>> = {
  wasmrun_agent_exec_total: {
    instrument: 'agent.exec.duration',
    field: 'count',
    labels: { result: 'agent.exec.result' },
  },
  wasmrun_agent_exec_duration_ms_sum: { instrument: 'agent.exec.duration', field: 'milliseconds' },
  wasmrun_agent_exec_duration_ms_count: { instrument: 'agent.exec.duration', field: 'count' },
  wasmrun_agent_output_truncated_total: { instrument: 'agent.exec.output_truncated' },
  wasmrun_agent_sessions_created_total: { instrument: 'agent.session.created' },
  wasmrun_agent_exec_rejected_total: {
    instrument: 'agent.exec.rejected',
    labels: { reason: 'agent.rejection.reason' },
  },
  wasmrun_agent_sessions_active: { instrument: 'agent.session.active' },
  wasmrun_agent_sessions_total: { instrument: 'agent.session.tracked' },
  wasmrun_agent_exec_in_flight: { instrument: 'agent.exec.active' },
  wasmrun_agent_sessions_disk_bytes: { instrument: 'agent.session.disk.usage' },
  ash_active_sessions: { instrument: 'agent.session.active' },
  ash_active_sandboxes: { instrument: 'agent.sandbox.count', where: [OF_STATE, /^(?!cold)/] },
  ash_pool_sandboxes: { instrument: 'agent.sandbox.count', labels: { state: OF_STATE } },
  ash_pool_max_capacity: { instrument: 'agent.sandbox.limit' },
  ash_resume_total: {
    instrument: 'agent.session.resumed',
    labels: { path: 'agent.session.resume.path' },
  },
  arbiter_requests_started_total: { instrument: 'agent.request.started', labels: ROUTE },
  arbiter_requests_completed_total: {
    instrument: 'agent.request.duration',
    field: 'count',
    labels: { ...ROUTE, ok: 'agent.request.ok' },
  },
  arbiter_request_duration_ms_sum: {
    instrument: 'agent.request.duration',
    field: 'milliseconds',
    labels: ROUTE,
  },
  arbiter_in_flight: { instrument: 'agent.request.active', labels: { tenant: ROUTE.tenant } },
  arbiter_provider_calls_total: { instrument: 'agent.provider.calls', labels: PROVIDER },
  arbiter_provider_retries_total: { instrument: 'agent.provider.retries', labels: PROVIDER },
  arbiter_provider_5xx_total: {
    instrument: 'agent.provider.errors',
    labels: PROVIDER,
    // A status of 500 and more, or the code of a socket's error.
    where: ['error.type', /^(5\d\d|\D.*)$/],
  },
  arbiter_provider_429_total: {
    instrument: 'agent.provider.errors',
    labels: PROVIDER,
    where: ['error.type', /^429$/],
  },
  arbiter_provider_circuit_open_total: {
    instrument: 'agent.provider.circuit_opened',
    labels: PROVIDER,
  },
  arbiter_sandbox_exec_total: { instrument: 'agent.sandbox.exec' },
  arbiter_sandbox_exec_timeout_total: { instrument: 'agent.sandbox.exec.timeout' },
  arbiter_sandbox_container_started_total: { instrument: 'agent.sandbox.started' },
  arbiter_sandbox_container_reaped_total: { instrument: 'agent.sandbox.reaped' },
  arbiter_sandbox_container_rebuilt_total: { instrument: 'agent.sandbox.rebuilt' },
  arbiter_sandbox_containers_running: {
    instrument: 'agent.sandbox.count',
    where: [OF_STATE, /^(warm|waiting|running)$/],
  },
  arbiter_idempotency_replay_total: {
    instrument: 'agent.idempotency.lookups',
    where: ['agent.idempotency.result', /^replay$/],
  },
  arbiter_idempotency_miss_total: {
    instrument: 'agent.idempotency.lookups',
    where: ['agent.idempotency.result', /^miss$/],
  },
  arbiter_rate_limited_total: {
    instrument: 'agent.request.rate_limited',
    labels: { tenant: ROUTE.tenant, reason: 'agent.rate_limit.reason' },
  },
};

/** What only the process itself knows. */
const FACTS = new Set(['ash_up', 'ash_uptime_seconds']);
/** Documented label values that the GenAI conventions spell otherwise. */
const SPELLING: Readonly<Record<string, string>> = { gemini: 'gcp.gemini' };

/**
 * The samples of a scrape that differ from what OTLP carried: counts must be equal, sums
 * of milliseconds within one, because the scrape rounds them down.
 */
export function differences(
  page: Scrape,
  points: readonly OtlpPoint[],
  { only = () => true }: { only?: (type: string) => boolean } = {},
): string[] {
  return page.families
    .filter(({ name, type }) => !FACTS.has(name) && only(type))
    .flatMap(({ name, samples }) => {
      const source = SOURCES[name];
      assert.ok(source, `${name} has no source`);
      return samples.flatMap((sample) => {
        const carried = carriedFor(sample, { source, points });
        const tolerance = source.field === 'milliseconds' ? 1 : 0;
        return Math.abs(carried - sample.value) <= tolerance
          ? []
          : [`${sample.text} is ${sample.value}, and ${carried} over OTLP`];
      });
    });
}

function carriedFor(
  sample: Sample,
  { source, points }: { source: Source; points: readonly OtlpPoint[] },
): number {
  const { instrument, field = 'value', labels = {}, where } = source;
  return points
    .filter((point) => point.name === instrument)
    .filter(({ attributes }) => where === undefined || where[1].test(String(attributes[where[0]])))
    .filter(({ attributes }) =>
      Object.entries(sample.labels).every(([label, value]) => {
        const wanted = label === 'provider' ? (SPELLING[value] ?? value) : value;
        return String(attributes[labels[label] ?? '']) === wanted;
      }),
    )
    .reduce((sum, point) => sum + (field === 'milliseconds' ? point.sum * 1000 : point[field]), 0);
}
