import { testVariables, type Variable } from './variable-table.js';

const LIST_OF_SAMPLERS = /always_on.*always_off.*traceidratio.*parentbased_always_on/;

const VARIABLES: readonly Variable[] = [
  {
    name: 'OTEL_SDK_DISABLED',
    setting: ({ disabled }) => disabled,
    byDefault: false,
    valid: [
      ['true', true],
      ['True', true],
      ['false', false],
    ],
    invalid: ['1', 'yes'],
    allowed: /true or false/,
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_HOST',
    setting: ({ admin }) => admin?.host,
    byDefault: '127.0.0.1',
    valid: [['0.0.0.0', '0.0.0.0']],
    invalid: [],
  },
  {
    name: 'OTEL_EXPORTER_PROMETHEUS_PORT',
    setting: ({ admin }) => admin?.port,
    byDefault: 9464,
    valid: [
      ['0', 0],
      ['65535', 65535],
    ],
    invalid: ['65536', '-1', 'http'],
    allowed: /0 to 65535/,
  },
  {
    name: 'OTEL_TRACES_SAMPLER',
    setting: ({ sampler }) => sampler.name,
    byDefault: 'parentbased_always_on',
    valid: ['always_on', 'always_off', 'traceidratio', 'parentbased_traceidratio'].map(
      (name) => [name, name] as const,
    ),
    invalid: ['sometimes'],
    allowed: LIST_OF_SAMPLERS,
  },
  {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    setting: ({ sampler }) => sampler.ratio,
    byDefault: 1,
    valid: [
      ['0', 0],
      ['0.25', 0.25],
    ],
    invalid: ['-0.1', '1.1', 'half', 'NaN'],
    allowed: /0 to 1/,
  },
  {
    name: 'OTEL_LOG_LEVEL',
    setting: ({ otelLogLevel }) => otelLogLevel,
    byDefault: undefined,
    valid: [
      ['debug', 'DEBUG'],
      ['NONE', 'NONE'],
    ],
    invalid: ['loud'],
    allowed: /NONE.*ERROR.*WARN.*INFO.*DEBUG.*VERBOSE.*ALL/,
  },
  {
    name: 'OTEL_PROPAGATORS',
    setting: ({ propagators }) => propagators.toSorted(),
    byDefault: ['baggage', 'tracecontext'],
    valid: [
      ['tracecontext', ['tracecontext']],
      ['baggage, tracecontext', ['baggage', 'tracecontext']],
      ['none', ['none']],
    ],
    invalid: ['pigeon'],
    allowed: /tracecontext.*baggage.*none/,
  },
  {
    name: 'OTEL_METRIC_EXPORT_INTERVAL',
    setting: ({ metricExportIntervalMs }) => metricExportIntervalMs,
    byDefault: 60_000,
    valid: [['5000', 5000]],
    invalid: ['0', '-5', 'soon'],
    allowed: /whole number/,
  },
  {
    name: 'OTEL_METRIC_EXPORT_TIMEOUT',
    setting: ({ metricExportTimeoutMs }) => metricExportTimeoutMs,
    byDefault: 30_000,
    valid: [['1000', 1000]],
    invalid: ['never'],
    allowed: /whole number/,
  },
  {
    name: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
    setting: ({ temporality }) => temporality,
    byDefault: 'cumulative',
    valid: [
      ['delta', 'delta'],
      ['lowmemory', 'lowmemory'],
    ],
    invalid: ['weekly'],
    allowed: /cumulative.*delta.*lowmemory/,
  },
];

testVariables(VARIABLES);
