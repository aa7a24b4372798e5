import type { OtlpPoint } from '../../support/otlp-decode.js';
import type { Sample } from './exposition.js';

/** What of a data point is needed; those of an in-memory exporter have it too. */
export type Point = Pick<OtlpPoint, 'name' | 'attributes' | 'value' | 'sum' | 'count'>;

/** How a documented family is worked out from the canonical instruments. */
interface Derivation {
  readonly instrument: string;
  readonly field: 'value' | 'count' | 'sumMs';
  /** Label by the attribute that carries it. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly only?: (attributes: Point['attributes']) => boolean;
}

const TENANT_ROUTE = { tenant: 'agent.tenant.id', route: 'agent.route' };
const PROVIDER = { provider: 'gen_ai.provider.name' };
const of = (
  instrument: string,
  field: Derivation['field'],
  labels: Derivation['labels'] = {},
  only: Derivation['only'] = () => true,
): Derivation => ({ instrument, field, labels, only });
const withState =
  (...states: string[]) =>
  (attributes: Point['attributes']): boolean =>
    states.includes(String(attributes['agent.sandbox.state']));
const errorType =
  (pattern: RegExp) =>
  (attributes: Point['attributes']): boolean =>
    pattern.test(String(attributes['error.type']));
const lookup =
  (result: string) =>
  (attributes: Point['attributes']): boolean =>
    attributes['agent.idempotency.result'] === result;

/** Every documented family but Ash's two facts of the process, which no instrument carries. */
export const DERIVATIONS: Readonly<Record<string, Derivation>> = {
  wasmrun_agent_exec_total: of('agent.exec.duration', 'count', { result: 'agent.exec.result' }),
  wasmrun_agent_exec_duration_ms_sum: of('agent.exec.duration', 'sumMs'),
  wasmrun_agent_exec_duration_ms_count: of('agent.exec.duration', 'count'),
  wasmrun_agent_output_truncated_total: of('agent.exec.output_truncated', 'value'),
  wasmrun_agent_sessions_created_total: of('agent.session.created', 'value'),
  wasmrun_agent_exec_rejected_total: of('agent.exec.rejected', 'value', {
    reason: 'agent.rejection.reason',
  }),
  wasmrun_agent_sessions_active: of('agent.session.active', 'value'),
  wasmrun_agent_sessions_total: of('agent.session.tracked', 'value'),
  wasmrun_agent_exec_in_flight: of('agent.exec.active', 'value'),
  wasmrun_agent_sessions_disk_bytes: of('agent.session.disk.usage', 'value'),
  ash_active_sessions: of('agent.session.active', 'value'),
  ash_active_sandboxes: of(
    'agent.sandbox.count',
    'value',
    {},
    withState('warming', 'warm', 'waiting', 'running'),
  ),
  ash_pool_sandboxes: of('agent.sandbox.count', 'value', { state: 'agent.sandbox.state' }),
  ash_pool_max_capacity: of('agent.sandbox.limit', 'value'),
  ash_resume_total: of('agent.session.resumed', 'value', { path: 'agent.session.resume.path' }),
  arbiter_requests_started_total: of('agent.request.started', 'value', TENANT_ROUTE),
  arbiter_requests_completed_total: of('agent.request.duration', 'count', {
    ...TENANT_ROUTE,
    ok: 'agent.request.ok',
  }),
  arbiter_request_duration_ms_sum: of('agent.request.duration', 'sumMs', TENANT_ROUTE),
  arbiter_in_flight: of('agent.request.active', 'value', { tenant: 'agent.tenant.id' }),
  arbiter_provider_calls_total: of('agent.provider.calls', 'value', PROVIDER),
  arbiter_provider_retries_total: of('agent.provider.retries', 'value', PROVIDER),
  arbiter_provider_5xx_total: of(
    'agent.provider.errors',
    'value',
    PROVIDER,
    errorType(/^(5\d\d|[A-Z_]+)$/),
  ),
  arbiter_provider_429_total: of('agent.provider.errors', 'value', PROVIDER, errorType(/^429$/)),
  arbiter_provider_circuit_open_total: of('agent.provider.circuit_opened', 'value', PROVIDER),
  arbiter_sandbox_exec_total: of('agent.sandbox.exec', 'value'),
  arbiter_sandbox_exec_timeout_total: of('agent.sandbox.exec.timeout', 'value'),
  arbiter_sandbox_container_started_total: of('agent.sandbox.started', 'value'),
  arbiter_sandbox_container_reaped_total: of('agent.sandbox.reaped', 'value'),
  arbiter_sandbox_container_rebuilt_total: of('agent.sandbox.rebuilt', 'value'),
  arbiter_sandbox_containers_running: of(
    'agent.sandbox.count',
    'value',
    {},
    withState('warm', 'waiting', 'running'),
  ),
  arbiter_idempotency_replay_total: of('agent.idempotency.lookups', 'value', {}, lookup('replay')),
  arbiter_idempotency_miss_total: of('agent.idempotency.lookups', 'value', {}, lookup('miss')),
  arbiter_rate_limited_total: of('agent.request.rate_limited', 'value', {
    tenant: 'agent.tenant.id',
    reason: 'agent.rate_limit.reason',
  }),
};

/** What the points say of the series that a documented sample shows. */
export function valueFromPoints(points: readonly Point[], { name, labels }: Sample): number {
  const derivation = DERIVATIONS[name];
  if (derivation === undefined) throw new Error(`no instrument carries ${name}`);
  const { instrument, field, only = () => true, labels: attributeOf = {} } = derivation;
  return points
    .filter(
      (point) =>
        point.name === instrument &&
        only(point.attributes) &&
        Object.entries(attributeOf).every(
          ([label, attribute]) => documentedName(point.attributes[attribute]) === labels[label],
        ),
    )
    .reduce((total, point) => total + (field === 'sumMs' ? point.sum * 1000 : point[field]), 0);
}

/** The GenAI conventions spell one documented provider differently. */
function documentedName(value: unknown): string {
  return value === 'gcp.gemini' ? 'gemini' : String(value);
}
