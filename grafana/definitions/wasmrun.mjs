// wasmrun's document: `wasmrun_agent_*` at /api/v1/metrics. Limits are those of the alerts.
import { own, servers } from '../panels.mjs';

const rate = (name, matchers = '') =>
  `rate(wasmrun_agent_${name}{${own}${matchers}}[$__rate_interval])`;
const gauge = (name) => `wasmrun_agent_${name}{${own}}`;

export default {
  uid: 'agent-otel-wasmrun',
  title: 'wasmrun agent server',
  description: 'Executions, sessions and rejections, from /api/v1/metrics.',
  variables: [
    {
      name: 'instance',
      label: 'Instance',
      values: 'label_values(wasmrun_agent_exec_total, instance)',
    },
  ],
  rows: [
    {
      title: 'Health',
      panels: [
        servers('wasmrun'),
        {
          type: 'stat',
          width: 4,
          title: 'Executions',
          description: 'Executions that ended, a second.',
          unit: 'ops',
          queries: { executions: `sum(${rate('exec_total')})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Failed',
          description: 'Share of the executions that ended in an error.',
          unit: 'percentunit',
          limits: { 0.1: 'orange', 0.25: 'red' },
          queries: {
            failed: `sum(${rate('exec_total', ',result="error"')}) / (sum(${rate('exec_total')}) > 0)`,
          },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Timed out',
          description: 'Share of the executions that were ended at their time limit.',
          unit: 'percentunit',
          limits: { 0.05: 'orange', 0.1: 'red' },
          queries: {
            'timed out': `sum(${rate('exec_total', ',result="timeout"')}) / (sum(${rate('exec_total')}) > 0)`,
          },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Average execution',
          description: 'Since the servers started, as the document has it: sum over count.',
          unit: 'ms',
          queries: {
            average: `sum(${gauge('exec_duration_ms_sum')}) / (sum(${gauge('exec_duration_ms_count')}) > 0)`,
          },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Active sessions',
          description: 'Sessions that have not expired.',
          unit: 'short',
          queries: { sessions: `sum(${gauge('sessions_active')})` },
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          width: 12,
          title: 'Executions by result',
          description: 'Executions that ended, a second.',
          unit: 'ops',
          stacked: true,
          colors: { success: 'green', error: 'red', timeout: 'orange' },
          queries: { '{{result}}': `sum by (result) (${rate('exec_total')})` },
        },
        {
          width: 12,
          title: 'Sessions created',
          description: 'Sessions a second, by server.',
          unit: 'ops',
          queries: { '{{instance}}': `sum by (instance) (${rate('sessions_created_total')})` },
        },
      ],
    },
    {
      title: 'Errors',
      panels: [
        {
          title: 'Executions that did not succeed',
          description: 'Share of all executions, by result.',
          unit: 'percentunit',
          limits: { 0.25: 'red' },
          colors: { error: 'red', timeout: 'orange' },
          queries: {
            '{{result}}': `
              sum by (result) (${rate('exec_total', ',result!="success"')})
                / ignoring (result) group_left () (sum(${rate('exec_total')}) > 0)`,
          },
        },
        {
          title: 'Turned away',
          description: 'concurrency: 429; payload: 413; unauthorized: 401.',
          unit: 'reqps',
          stacked: true,
          colors: { concurrency: 'orange', payload: 'blue', unauthorized: 'red' },
          queries: { '{{reason}}': `sum by (reason) (${rate('exec_rejected_total')})` },
        },
        {
          title: 'Output cut',
          description: 'Share of the executions whose output was cut at the cap.',
          unit: 'percentunit',
          queries: {
            '{{instance}}': `
              sum by (instance) (${rate('output_truncated_total')})
                / (sum by (instance) (${rate('exec_total')}) > 0)`,
          },
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          width: 24,
          title: 'Average execution',
          description:
            'Wall clock, by server. Quantiles are on the dashboard of the canonical metrics.',
          unit: 'ms',
          queries: {
            '{{instance}}': `
              sum by (instance) (${rate('exec_duration_ms_sum')})
                / (sum by (instance) (${rate('exec_duration_ms_count')}) > 0)`,
          },
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'Executions running',
          description: 'By server. At the limit, more are turned away.',
          unit: 'short',
          queries: { '{{instance}}': gauge('exec_in_flight') },
        },
        {
          title: 'Sessions',
          description: 'Tracked ones include those that have expired and await cleaning.',
          unit: 'short',
          queries: {
            active: `sum(${gauge('sessions_active')})`,
            tracked: `sum(${gauge('sessions_total')})`,
          },
        },
        {
          title: 'Disk of sessions',
          description: 'What the directories of active sessions occupy, by server.',
          unit: 'bytes',
          queries: { '{{instance}}': gauge('sessions_disk_bytes') },
        },
      ],
    },
  ],
};
