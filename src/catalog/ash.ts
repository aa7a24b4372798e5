import { ATTR_SANDBOX_STATE, ATTR_SESSION_RESUME_PATH } from './attributes.js';
import { CONTENT_TYPE_TEXT_UTF8, type Surface } from './documented.js';
import { RESUME_PATHS, SANDBOX_STATES } from './vocabulary.js';

/** Ash's document: `/metrics` and `/health`. */
export const ASH: Surface = {
  dialect: 'ash',
  path: '/metrics',
  contentType: CONTENT_TYPE_TEXT_UTF8,
  closesConnection: false,
  json: false,
  guarded: false,
  healthPath: '/health',
  families: [
    {
      name: 'ash_up',
      type: 'gauge',
      help: 'Whether the Ash server is up (always 1 if reachable).',
      labels: [],
      source: { fact: 'up' },
    },
    {
      name: 'ash_uptime_seconds',
      type: 'gauge',
      help: 'Seconds since server start.',
      labels: [],
      source: { fact: 'uptime' },
    },
    {
      name: 'ash_active_sessions',
      type: 'gauge',
      help: 'Number of active sessions.',
      labels: [],
      source: { instrument: 'sessionActive', field: 'value' },
    },
    {
      name: 'ash_active_sandboxes',
      type: 'gauge',
      help: 'Number of live sandbox processes.',
      labels: [],
      source: {
        instrument: 'sandboxCount',
        field: 'value',
        // A cold entry is a place in the pool that has no process yet.
        only: { attribute: ATTR_SANDBOX_STATE, matches: (state) => state !== 'cold' },
      },
    },
    {
      name: 'ash_pool_sandboxes',
      type: 'gauge',
      help: 'Sandbox count by state.',
      labels: [{ name: 'state', values: SANDBOX_STATES, attribute: ATTR_SANDBOX_STATE }],
      source: { instrument: 'sandboxCount', field: 'value' },
    },
    {
      name: 'ash_pool_max_capacity',
      type: 'gauge',
      help: 'Maximum sandbox capacity.',
      labels: [],
      source: { instrument: 'sandboxLimit', field: 'value' },
    },
    {
      name: 'ash_resume_total',
      type: 'counter',
      help: 'Total session resumes by path (warm=sandbox alive, cold=new sandbox).',
      labels: [{ name: 'path', values: RESUME_PATHS, attribute: ATTR_SESSION_RESUME_PATH }],
      source: { instrument: 'sessionResumed', field: 'value' },
    },
  ],
};
