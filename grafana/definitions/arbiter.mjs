// arbiter's document: `arbiter_*` at /v1/metrics. Limits are those of the alerts.
import { own, servers } from '../panels.mjs';

const ofTenant = `${own},tenant=~"$tenant"`;
const ofProvider = `${own},provider=~"$provider"`;
const rate = (name, matchers) => `rate(arbiter_${name}{${matchers}}[$__rate_interval])`;
const increase = (name, matchers) => `increase(arbiter_${name}{${matchers}}[$__rate_interval])`;
const completed = rate('requests_completed_total', ofTenant);
const failed = rate('requests_completed_total', `${ofTenant},ok="false"`);
const duration = rate('request_duration_ms_sum', ofTenant);
const limited = rate('rate_limited_total', ofTenant);
const attempts = `(
  sum by (provider) (${rate('provider_calls_total', ofProvider)})
    + sum by (provider) (${rate('provider_retries_total', ofProvider)}) > 0)`;

export default {
  uid: 'agent-otel-arbiter',
  title: 'arbiter',
  description: 'Requests by tenant, providers, sandboxes and the limiter, from /v1/metrics.',
  variables: [
    {
      name: 'instance',
      label: 'Instance',
      values: 'label_values(arbiter_sandbox_exec_total, instance)',
    },
    {
      name: 'tenant',
      label: 'Tenant',
      values: 'label_values(arbiter_requests_started_total{instance=~"$instance"}, tenant)',
    },
    {
      name: 'provider',
      label: 'Provider',
      values: 'label_values(arbiter_provider_calls_total{instance=~"$instance"}, provider)',
    },
  ],
  rows: [
    {
      title: 'Health',
      panels: [
        servers('arbiter'),
        {
          type: 'stat',
          width: 4,
          title: 'Requests',
          description: 'Requests admitted, a second.',
          unit: 'reqps',
          queries: { requests: `sum(${rate('requests_started_total', ofTenant)})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'In flight',
          description: 'Requests that are being handled now.',
          unit: 'short',
          queries: { 'in flight': `sum(arbiter_in_flight{${ofTenant}})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Failed',
          description: 'Share of the requests that ended with ok="false".',
          unit: 'percentunit',
          limits: { 0.05: 'orange', 0.1: 'red' },
          queries: { failed: `sum(${failed}) / (sum(${completed}) > 0)` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Average request',
          description: 'Wall clock; a stream counts until its end.',
          unit: 'ms',
          queries: { average: `sum(${duration}) / (sum(${completed}) > 0)` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Circuits opened',
          description: 'Times within the last hour that the breaker of a provider opened.',
          unit: 'short',
          limits: { 0.5: 'orange' },
          queries: {
            opened: `sum(increase(arbiter_provider_circuit_open_total{${ofProvider}}[1h]))`,
          },
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Requests by route',
          description: 'Requests admitted, a second.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{route}}': `sum by (route) (${rate('requests_started_total', ofTenant)})`,
          },
        },
        {
          title: 'Requests of the busiest tenants',
          description: 'The ten with the most requests admitted.',
          unit: 'reqps',
          queries: {
            'tenant {{tenant}}': `topk(10, sum by (tenant) (${rate('requests_started_total', ofTenant)}))`,
          },
        },
        {
          title: 'Idempotency keys',
          description: 'replayed: an existing run was given again; new: a run was made.',
          unit: 'reqps',
          stacked: true,
          queries: {
            replayed: `sum(${rate('idempotency_replay_total', own)})`,
            new: `sum(${rate('idempotency_miss_total', own)})`,
          },
        },
      ],
    },
    {
      title: 'Errors',
      panels: [
        {
          title: 'Failed requests by route',
          description: 'Share of the requests that ended with ok="false".',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{route}}': `sum by (route) (${failed}) / (sum by (route) (${completed}) > 0)`,
          },
        },
        {
          title: 'Refused by the limiter',
          description: 'By reason.',
          unit: 'reqps',
          stacked: true,
          queries: { '{{reason}}': `sum by (reason) (${limited})` },
        },
        {
          title: 'Tenants that are refused',
          description: 'The ten with the most refusals.',
          unit: 'reqps',
          queries: { 'tenant {{tenant}}': `topk(10, sum by (tenant) (${limited}))` },
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          width: 12,
          title: 'Average request by route',
          description: 'Wall clock; a stream counts until its end.',
          unit: 'ms',
          queries: {
            '{{route}}': `sum by (route) (${duration}) / (sum by (route) (${completed}) > 0)`,
          },
        },
        {
          width: 12,
          title: 'Average request of the slowest tenants',
          description: 'The ten with the longest average.',
          unit: 'ms',
          queries: {
            'tenant {{tenant}}': `topk(10, sum by (tenant) (${duration}) / (sum by (tenant) (${completed}) > 0))`,
          },
        },
      ],
    },
    {
      title: 'Providers',
      panels: [
        {
          title: 'Calls',
          description: 'Calls a second; retries are not counted again.',
          unit: 'reqps',
          queries: {
            '{{provider}}': `sum by (provider) (${rate('provider_calls_total', ofProvider)})`,
          },
        },
        {
          title: 'Retries',
          description: 'Second and later attempts, a second.',
          unit: 'reqps',
          queries: {
            '{{provider}}': `sum by (provider) (${rate('provider_retries_total', ofProvider)})`,
          },
        },
        {
          title: 'Circuits opened',
          description: 'Times that the breaker of a provider opened.',
          unit: 'short',
          queries: {
            '{{provider}}': `sum by (provider) (${increase('provider_circuit_open_total', ofProvider)})`,
          },
        },
        {
          width: 12,
          title: 'Attempts that failed',
          description: 'Share of the attempts that met a 5xx or broke at the socket.',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{provider}}': `sum by (provider) (${rate('provider_5xx_total', ofProvider)}) / ${attempts}`,
          },
        },
        {
          width: 12,
          title: 'Attempts over the rate limit',
          description: 'Share of the attempts that were answered with 429.',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{provider}}': `sum by (provider) (${rate('provider_429_total', ofProvider)}) / ${attempts}`,
          },
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'In flight',
          description: 'Requests of the ten tenants that have the most.',
          unit: 'short',
          queries: {
            'tenant {{tenant}}': `topk(10, sum by (tenant) (arbiter_in_flight{${ofTenant}}))`,
          },
        },
        {
          title: 'Containers running',
          description: 'Warm containers, by server.',
          unit: 'short',
          queries: { '{{instance}}': `arbiter_sandbox_containers_running{${own}}` },
        },
        {
          title: 'Containers started, reaped, rebuilt',
          description: 'Rebuilt ones were found unresponsive.',
          unit: 'short',
          colors: { rebuilt: 'red' },
          queries: {
            started: `sum(${increase('sandbox_container_started_total', own)})`,
            reaped: `sum(${increase('sandbox_container_reaped_total', own)})`,
            rebuilt: `sum(${increase('sandbox_container_rebuilt_total', own)})`,
          },
        },
        {
          width: 12,
          title: 'Executions in containers',
          description: 'Executions dispatched, a second, by server.',
          unit: 'ops',
          queries: { '{{instance}}': `sum by (instance) (${rate('sandbox_exec_total', own)})` },
        },
        {
          width: 12,
          title: 'Executions killed at their limit',
          description: 'Share of those dispatched.',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{instance}}': `
              sum by (instance) (${rate('sandbox_exec_timeout_total', own)})
                / (sum by (instance) (${rate('sandbox_exec_total', own)}) > 0)`,
          },
        },
      ],
    },
  ],
};
