// Ash's document: `ash_*` at /metrics. Limits are those of the alerts.
import { own, servers } from '../panels.mjs';

const of = (name, matchers = '') => `ash_${name}{${own}${matchers}}`;
const STATE_COLORS = {
  cold: 'blue',
  warming: 'light-orange',
  warm: 'orange',
  waiting: 'green',
  running: 'dark-green',
};

export default {
  uid: 'agent-otel-ash',
  title: 'Ash server',
  description: 'Sessions, the sandbox pool and resumes, from /metrics.',
  variables: [{ name: 'instance', label: 'Instance', values: 'label_values(ash_up, instance)' }],
  rows: [
    {
      title: 'Health',
      panels: [
        servers('ash'),
        {
          type: 'stat',
          width: 4,
          title: 'Answering',
          description: 'Servers that say that they are up.',
          unit: 'short',
          limits: { base: 'red', 1: 'green' },
          queries: { servers: `sum(${of('up')})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Uptime',
          description: 'Of the server that started last.',
          unit: 's',
          limits: { base: 'orange', 300: 'green' },
          queries: { uptime: `min(${of('uptime_seconds')})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Active sessions',
          description: 'Sessions whose status is active.',
          unit: 'short',
          queries: { sessions: `sum(${of('active_sessions')})` },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Pool in use',
          description: 'Fraction of the capacity, of the fullest pool.',
          unit: 'percentunit',
          max: 1,
          limits: { 0.8: 'orange', 1: 'red' },
          queries: {
            'in use': `max(sum by (job, instance) (${of('pool_sandboxes')}) / (${of('pool_max_capacity')} > 0))`,
          },
        },
        {
          type: 'stat',
          width: 4,
          title: 'Warm resumes',
          description: 'Share of all resumes since the servers started.',
          unit: 'percentunit',
          max: 1,
          limits: { base: 'red', 0.5: 'orange', 0.8: 'green' },
          queries: {
            warm: `sum(${of('resume_total', ',path="warm"')}) / (sum(${of('resume_total')}) > 0)`,
          },
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Active sessions',
          description: 'By server.',
          unit: 'short',
          queries: { '{{instance}}': of('active_sessions') },
        },
        {
          title: 'Sandboxes that process a message',
          description: 'By server.',
          unit: 'short',
          queries: { '{{instance}}': of('pool_sandboxes', ',state="running"') },
        },
        {
          title: 'Resumes',
          description: 'warm found the sandbox alive; cold made a new one.',
          unit: 'ops',
          stacked: true,
          colors: { warm: 'green', cold: 'blue' },
          queries: { '{{path}}': `sum by (path) (rate(${of('resume_total')}[$__rate_interval]))` },
        },
      ],
    },
    {
      title: 'Errors',
      panels: [
        {
          width: 24,
          title: 'Restarts',
          description: 'Times that a server started anew within the hour before.',
          unit: 'short',
          limits: { 3: 'red' },
          queries: { '{{instance}}': `resets(${of('uptime_seconds')}[1h])` },
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          width: 24,
          title: 'Resumes that were warm',
          description:
            'Cold resumes are slow ones. Time to the first event is in the timing lines (ASH_DEBUG_TIMING=1).',
          unit: 'percentunit',
          max: 1,
          queries: {
            '{{instance}}': `
              sum by (instance) (rate(${of('resume_total', ',path="warm"')}[$__rate_interval]))
                / (sum by (instance) (rate(${of('resume_total')}[$__rate_interval])) > 0)`,
          },
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'Pool by state',
          description: 'Sandboxes of all servers.',
          unit: 'short',
          stacked: true,
          colors: STATE_COLORS,
          queries: { '{{state}}': `sum by (state) (${of('pool_sandboxes')})` },
        },
        {
          title: 'Pool in use',
          description: 'Fraction of the capacity, by server.',
          unit: 'percentunit',
          max: 1,
          limits: { 0.8: 'orange', 1: 'red' },
          queries: {
            '{{instance}}': `sum by (job, instance) (${of('pool_sandboxes')}) / (${of('pool_max_capacity')} > 0)`,
          },
        },
        {
          title: 'Sandbox processes',
          description: 'Live ones, and what the pools may hold.',
          unit: 'short',
          queries: {
            live: `sum(${of('active_sandboxes')})`,
            capacity: `sum(${of('pool_max_capacity')})`,
          },
        },
      ],
    },
  ],
};
