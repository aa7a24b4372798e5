// The canonical instruments: on the admin listener's /metrics, or by way of a Collector, which
// puts a metric's unit into its name. `timed` and `sized` ask for either.
const own = 'instance=~"$instance"';
const ofTenant = `${own},agent_tenant_id=~"$tenant"`;
const ofProvider = `${own},gen_ai_provider_name=~"$provider"`;
const named = (base, unit, part, matchers) => `{__name__=~"${base}(_${unit})?${part}",${matchers}}`;
const timed = (base, part, matchers = own) => named(base, 'seconds', part, matchers);
const per = (selector) => `rate(${selector}[$__rate_interval])`;
const rate = (name, matchers = own) => per(`${name}{${matchers}}`);
const quantile = (q, base, { matchers = own, by = [] } = {}) =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${per(timed(base, '_bucket', matchers))}))`;

const HTTP = 'http_server_request_duration';
const EXEC = 'agent_exec_duration';
const REQUEST = 'agent_request_duration';
const STREAM = 'agent_stream_duration';
const MODEL = 'gen_ai_client_operation_duration';
const FIRST_CHUNK = 'gen_ai_client_operation_time_to_first_chunk';
const httpCount = per(timed(HTTP, '_count'));
const requestCount = per(timed(REQUEST, '_count', ofTenant));
const modelCount = per(timed(MODEL, '_count', ofProvider));
const modelFailed = per(timed(MODEL, '_count', `${ofProvider},error_type!=""`));
const quantilesOf = (base) => ({
  p50: quantile(0.5, base),
  p95: quantile(0.95, base),
  p99: quantile(0.99, base),
});

export default {
  uid: 'agent-otel-canonical',
  title: 'Agent servers (OpenTelemetry names)',
  description: 'HTTP, agent requests, executions, sandboxes and model calls of any agent server.',
  variables: [
    {
      name: 'instance',
      label: 'Instance',
      values: 'label_values(agent_session_active, instance)',
    },
    {
      name: 'tenant',
      label: 'Tenant',
      values: 'label_values(agent_request_started_total{instance=~"$instance"}, agent_tenant_id)',
    },
    {
      name: 'provider',
      label: 'Provider',
      values:
        'label_values(agent_provider_calls_total{instance=~"$instance"}, gen_ai_provider_name)',
    },
  ],
  rows: [
    {
      title: 'Health',
      panels: [
        {
          type: 'stat',
          width: 6,
          title: 'Targets',
          description: 'Whether the last scrape of each admin listener succeeded.',
          unit: 'none',
          texts: { 0: 'down', 1: 'up' },
          limits: { base: 'red', 1: 'green' },
          queries: {
            '{{instance}}': `up{job="agent-otel",${own}}`,
          },
        },
        {
          type: 'stat',
          width: 3,
          title: 'HTTP requests',
          description: 'Requests answered, a second.',
          unit: 'reqps',
          queries: { requests: `sum(${httpCount})` },
        },
        {
          type: 'stat',
          width: 3,
          title: 'HTTP 5xx',
          description: 'Share of the requests that were answered with a 5xx.',
          unit: 'percentunit',
          limits: { 0.01: 'orange', 0.05: 'red' },
          queries: {
            '5xx': `sum(${per(timed(HTTP, '_count', `${own},http_response_status_code=~"5.."`))}) / (sum(${httpCount}) > 0)`,
          },
        },
        {
          type: 'stat',
          width: 3,
          title: 'HTTP p95',
          description: 'Nineteen of twenty requests were answered within this time.',
          unit: 's',
          queries: { p95: quantile(0.95, HTTP) },
        },
        {
          type: 'stat',
          width: 3,
          title: 'Folded',
          description: 'Measurements in _overflow, because an attribute had too many values.',
          unit: 'short',
          limits: { 1: 'orange' },
          queries: { folded: `sum(agent_ledger_overflow_total{${own}})` },
        },
        {
          type: 'stat',
          width: 3,
          title: 'Spans lost',
          description: 'Given up on their way to the OTLP endpoint, since the processes started.',
          unit: 'short',
          limits: { 1: 'red' },
          queries: { spans: `sum(agent_export_dropped_total{${own}})` },
        },
        {
          type: 'stat',
          width: 3,
          title: 'Lines lost',
          description: 'Given up because standard error took no more, since the processes started.',
          unit: 'short',
          limits: { 1: 'red' },
          queries: { lines: `sum(agent_log_dropped_total{${own}})` },
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'HTTP requests',
          description: 'By method, route and status.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{http_request_method}} {{http_route}} {{http_response_status_code}}': `sum by (http_request_method, http_route, http_response_status_code) (${httpCount})`,
          },
        },
        {
          title: 'Agent requests',
          description: 'Requests admitted, by route.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{agent_route}}': `sum by (agent_route) (${rate('agent_request_started_total', ofTenant)})`,
          },
        },
        {
          title: 'Requests of the busiest tenants',
          description: 'The ten with the most requests admitted.',
          unit: 'reqps',
          queries: {
            'tenant {{agent_tenant_id}}': `topk(10, sum by (agent_tenant_id) (${rate('agent_request_started_total', ofTenant)}))`,
          },
        },
        {
          title: 'Executions by result',
          description: 'Executions that ended, a second.',
          unit: 'ops',
          stacked: true,
          colors: { success: 'green', error: 'red', timeout: 'orange' },
          queries: {
            '{{agent_exec_result}}': `sum by (agent_exec_result) (${per(timed(EXEC, '_count'))})`,
          },
        },
        {
          title: 'Sessions created and resumed',
          description: 'Resumed warm: the sandbox was alive; cold: it got a new one.',
          unit: 'ops',
          queries: {
            created: `sum(${rate('agent_session_created_total')})`,
            'resumed {{agent_session_resume_path}}': `sum by (agent_session_resume_path) (${rate('agent_session_resumed_total')})`,
          },
        },
        {
          title: 'Idempotency keys',
          description: 'replay: an existing run was given again; miss: a run was made.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{agent_idempotency_result}}': `sum by (agent_idempotency_result) (${rate('agent_idempotency_lookups_total')})`,
          },
        },
      ],
    },
    {
      title: 'Errors',
      panels: [
        {
          title: 'Failed agent requests',
          description: 'Share of the requests that ended as not ok, by route.',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{agent_route}}': `
              sum by (agent_route) (${per(timed(REQUEST, '_count', `${ofTenant},agent_request_ok="false"`))})
                / (sum by (agent_route) (${requestCount}) > 0)`,
          },
        },
        {
          title: 'Executions that did not succeed',
          description: 'Share of all executions, by result.',
          unit: 'percentunit',
          limits: { 0.25: 'red' },
          colors: { error: 'red', timeout: 'orange' },
          queries: {
            '{{agent_exec_result}}': `
              sum by (agent_exec_result) (${per(timed(EXEC, '_count', `${own},agent_exec_result!="success"`))})
                / ignoring (agent_exec_result) group_left () (sum(${per(timed(EXEC, '_count'))}) > 0)`,
          },
        },
        {
          title: 'Turned away and refused',
          description:
            'Executions rejected before any work; requests over a limit of their tenant.',
          unit: 'reqps',
          stacked: true,
          queries: {
            '{{agent_rejection_reason}}': `sum by (agent_rejection_reason) (${rate('agent_exec_rejected_total')})`,
            '{{agent_rate_limit_reason}}': `sum by (agent_rate_limit_reason) (${rate('agent_request_rate_limited_total', ofTenant)})`,
          },
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          title: 'HTTP requests',
          description: 'A stream counts until its headers.',
          unit: 's',
          queries: quantilesOf(HTTP),
        },
        {
          title: 'Executions',
          description: 'Wall clock.',
          unit: 's',
          queries: quantilesOf(EXEC),
        },
        {
          title: 'Average agent request by route',
          description: 'Kept by tenant, and therefore as sum and count alone.',
          unit: 's',
          queries: {
            '{{agent_route}}': `
              sum by (agent_route) (${per(timed(REQUEST, '_sum', ofTenant))})
                / (sum by (agent_route) (${requestCount}) > 0)`,
          },
        },
      ],
    },
    {
      title: 'Streams',
      panels: [
        {
          title: 'Open streams',
          description: 'Streams of server-sent events that are open now.',
          unit: 'short',
          queries: { streams: `sum(agent_stream_active{${own}})` },
        },
        {
          title: 'Streams by their end',
          description: 'Completed, broken off by the server, or left by their client.',
          unit: 'ops',
          stacked: true,
          queries: {
            '{{agent_stream_outcome}}': `sum by (agent_stream_outcome) (${per(timed(STREAM, '_count'))})`,
          },
        },
        {
          title: 'Time to headers and to the first event, p95',
          description: 'The first event is known where messages are timed.',
          unit: 's',
          queries: {
            headers: quantile(0.95, 'agent_stream_time_to_headers'),
            'first event': quantile(0.95, 'agent_stream_time_to_first_event'),
          },
        },
        {
          title: 'Lifetime of streams',
          description: 'From their headers to their end.',
          unit: 's',
          queries: quantilesOf(STREAM),
        },
        {
          title: 'Events sent',
          description: 'In answer to messages, where they are timed; by route.',
          unit: 'ops',
          queries: {
            '{{http_route}}': `sum by (http_route) (${rate('agent_stream_events_total')})`,
          },
        },
      ],
    },
    {
      title: 'Models',
      panels: [
        {
          title: 'Calls by model',
          description: 'Calls that ended, a second; retries are not counted again.',
          unit: 'reqps',
          queries: {
            '{{gen_ai_provider_name}} {{gen_ai_request_model}}': `sum by (gen_ai_provider_name, gen_ai_request_model) (${modelCount})`,
          },
        },
        {
          title: 'Duration of calls, p95',
          description: 'Until the end of the answer, retries included, by provider.',
          unit: 's',
          queries: {
            '{{gen_ai_provider_name}}': quantile(0.95, MODEL, {
              matchers: ofProvider,
              by: ['gen_ai_provider_name'],
            }),
          },
        },
        {
          title: 'Time to the first chunk, p95',
          description: 'Of streamed answers, from the start of the call, by provider.',
          unit: 's',
          queries: {
            '{{gen_ai_provider_name}}': quantile(0.95, FIRST_CHUNK, {
              matchers: ofProvider,
              by: ['gen_ai_provider_name'],
            }),
          },
        },
        {
          title: 'Failed calls',
          description: 'Share of the calls that ended in an error, retries included, by provider.',
          unit: 'percentunit',
          limits: { 0.1: 'red' },
          queries: {
            '{{gen_ai_provider_name}}': `
              sum by (gen_ai_provider_name) (${modelFailed})
                / (sum by (gen_ai_provider_name) (${modelCount}) > 0)`,
          },
        },
        {
          title: 'Tokens',
          description: 'Tokens a second, by provider and direction.',
          unit: 'short',
          queries: {
            '{{gen_ai_provider_name}} {{gen_ai_token_type}}': `sum by (gen_ai_provider_name, gen_ai_token_type) (${rate('gen_ai_client_token_usage_sum', ofProvider)})`,
          },
        },
        {
          title: 'Tokens of a call, p95',
          description: 'By model and direction.',
          unit: 'short',
          queries: {
            '{{gen_ai_request_model}} {{gen_ai_token_type}}': `histogram_quantile(0.95, sum by (le, gen_ai_request_model, gen_ai_token_type) (${rate('gen_ai_client_token_usage_bucket', ofProvider)}))`,
          },
        },
        {
          title: 'Average tokens of a call',
          description: 'By model and direction.',
          unit: 'short',
          queries: {
            '{{gen_ai_request_model}} {{gen_ai_token_type}}': `
              sum by (gen_ai_request_model, gen_ai_token_type) (${rate('gen_ai_client_token_usage_sum', ofProvider)})
                / (sum by (gen_ai_request_model, gen_ai_token_type) (${rate('gen_ai_client_token_usage_count', ofProvider)}) > 0)`,
          },
        },
        {
          title: 'Attempts that failed',
          description: 'By provider and kind of error.',
          unit: 'reqps',
          queries: {
            '{{gen_ai_provider_name}} {{error_type}}': `sum by (gen_ai_provider_name, error_type) (${rate('agent_provider_errors_total', ofProvider)})`,
          },
        },
        {
          title: 'Calls begun and retries',
          description: 'Calls and second or later attempts, a second.',
          unit: 'reqps',
          queries: {
            '{{gen_ai_provider_name}} calls': `sum by (gen_ai_provider_name) (${rate('agent_provider_calls_total', ofProvider)})`,
            '{{gen_ai_provider_name}} retries': `sum by (gen_ai_provider_name) (${rate('agent_provider_retries_total', ofProvider)})`,
          },
        },
        {
          title: 'Circuits opened',
          description: 'Times that a breaker opened since the processes started.',
          unit: 'short',
          queries: {
            '{{gen_ai_provider_name}}': `sum by (gen_ai_provider_name) (agent_provider_circuit_opened_total{${ofProvider}})`,
          },
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'Running',
          description: 'Agent requests and executions that are being handled now.',
          unit: 'short',
          queries: {
            requests: `sum(agent_request_active{${ofTenant}})`,
            executions: `sum(agent_exec_active{${own}})`,
          },
        },
        {
          title: 'Sessions',
          description: 'Tracked ones include those that are paused or have expired.',
          unit: 'short',
          queries: {
            active: `sum(agent_session_active{${own}})`,
            tracked: `sum(agent_session_tracked{${own}})`,
          },
        },
        {
          title: 'Disk of sessions',
          description: 'What the directories of active sessions occupy, by process.',
          unit: 'bytes',
          queries: {
            '{{instance}}': named('agent_session_disk_usage', 'bytes', '', own),
          },
        },
        {
          title: 'Sandboxes by state',
          description: 'Of all processes, and the most that their pools will hold.',
          unit: 'short',
          queries: {
            '{{agent_sandbox_state}}': `sum by (agent_sandbox_state) (agent_sandbox_count{${own}})`,
            limit: `sum(agent_sandbox_limit{${own}})`,
          },
        },
        {
          title: 'Sandboxes started, reaped, rebuilt',
          description: 'Since the processes started. Rebuilt ones were found unresponsive.',
          unit: 'short',
          colors: { rebuilt: 'red' },
          queries: {
            started: `sum(agent_sandbox_started_total{${own}})`,
            reaped: `sum(agent_sandbox_reaped_total{${own}})`,
            rebuilt: `sum(agent_sandbox_rebuilt_total{${own}})`,
          },
        },
        {
          title: 'Executions in sandboxes',
          description: 'Dispatched and killed at their time limit, and outputs cut, a second.',
          unit: 'ops',
          colors: { killed: 'red' },
          queries: {
            dispatched: `sum(${rate('agent_sandbox_exec_total')})`,
            killed: `sum(${rate('agent_sandbox_exec_timeout_total')})`,
            'output cut': `sum(${rate('agent_exec_output_truncated_total')})`,
          },
        },
      ],
    },
    {
      title: 'agent-otel itself',
      panels: [
        {
          width: 12,
          title: 'Folded into _overflow',
          description: 'Measurements, by the attribute that had too many values.',
          unit: 'short',
          queries: {
            '{{instance}} {{agent_ledger_attribute}}': `sum by (instance, agent_ledger_attribute) (agent_ledger_overflow_total{${own}})`,
          },
        },
        {
          width: 12,
          title: 'Telemetry lost',
          description: 'Spans and log lines given up since the processes started.',
          unit: 'short',
          queries: {
            '{{instance}} {{agent_export_signal}}': `sum by (instance, agent_export_signal) (agent_export_dropped_total{${own}})`,
            '{{instance}} lines': `sum by (instance) (agent_log_dropped_total{${own}})`,
          },
        },
      ],
    },
  ],
};
