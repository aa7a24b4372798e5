import { DIALECTS, type Dialect } from '../catalog/vocabulary.js';
import { createVariableReader, type Environment, type VariableReader } from './values.js';

const ACCESS_LOGS = ['kv', 'json', 'off'] as const;
const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug'] as const;
const OTEL_LOG_LEVELS = ['NONE', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'VERBOSE', 'ALL'] as const;
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const PROPAGATORS = ['tracecontext', 'baggage', 'none'] as const;
const PROTOCOLS = ['http/protobuf', 'grpc'] as const;
const COMPRESSIONS = ['gzip', 'none'] as const;
/** RFC 9110's token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A day is longer than anybody means. */
const MILLISECONDS = { min: 1, max: 86_400_000 };
const TEMPORALITIES = ['cumulative', 'delta', 'lowmemory'] as const;

/** `OTEL_LOG_LEVEL`: how much OpenTelemetry itself reports. */
export type OtelLogLevel = (typeof OTEL_LOG_LEVELS)[number];
export type SamplerName = (typeof SAMPLERS)[number];
export type Temporality = (typeof TEMPORALITIES)[number];
export type OtlpProtocol = (typeof PROTOCOLS)[number];
/** How each signal goes out; undefined keeps it at home. */
export type OtlpSignals = Readonly<Record<'traces' | 'metrics' | 'logs', OtlpProtocol | undefined>>;

/**
 * Set to its process id by a process that has telemetry, for its children: they inherit the
 * preload and stay quiet. A child that wants its own is started with this one empty.
 */
export const INHERITED_VARIABLE = 'AGENT_OTEL_PARENT';

/** What the environment asks for, checked. The README's table of variables describes it. */
export interface Config {
  /** `OTEL_SDK_DISABLED`: the host is left exactly as it is without us. */
  readonly disabled: boolean;
  /** Whether a parent process has telemetry, so that this one must stay quiet. */
  readonly inherited: boolean;
  /** Undefined serves all three. */
  readonly dialect: Dialect | undefined;
  readonly inline: boolean;
  readonly accessLog: 'kv' | 'json' | 'off';
  /** Whether every line we write is a JSON object (dialect ash). */
  readonly jsonLines: boolean;
  readonly verbose: boolean;
  readonly apiKeysFile: string | undefined;
  /** The rules file; see `loadRules`. */
  readonly rulesFile: string | undefined;
  /** Lower case. */
  readonly tenantHeader: string | undefined;
  readonly tenantLimit: number;
  /** Whether child processes get the trace context in their environment. */
  readonly childTraceContext: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Undefined leaves OpenTelemetry's own reports alone. */
  readonly otelLogLevel: OtelLogLevel | undefined;
  /** Where the admin listener listens; undefined when it is off. */
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  readonly sampler: { readonly name: SamplerName; readonly ratio: number };
  readonly propagators: readonly ('tracecontext' | 'baggage' | 'none')[];
  /** Which signals go out over OTLP; their endpoints are read by the exporters. */
  readonly otlp: OtlpSignals;
  /** How spans are batched, as the SDK's processor takes it. */
  readonly batch: {
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
  };
  /** How log records are batched. */
  readonly logBatch: { readonly scheduledDelayMs: number; readonly maxSize: number };
  readonly metricExportIntervalMs: number;
  readonly metricExportTimeoutMs: number;
  readonly temporality: Temporality;
  /** One line for each variable that could not be used as it stands. */
  readonly problems: readonly string[];
}

/** Reads and checks the environment. Never throws: what is wrong becomes a problem's line. */
export function readConfig(environment: Environment): Config {
  const read = createVariableReader(environment);
  const notes: string[] = [];
  const dialect = read.oneOf('AGENT_OTEL_DIALECT', DIALECTS, 'all three');
  const metricsExporters = read.listOf('OTEL_METRICS_EXPORTER', ['otlp', 'prometheus', 'none']);
  const config = {
    disabled: read.specifiedBoolean('OTEL_SDK_DISABLED'),
    inherited: read.text(INHERITED_VARIABLE) !== undefined,
    dialect,
    inline: read.boolean('AGENT_OTEL_INLINE', false),
    accessLog: readAccessLog(read, { dialect, notes }),
    jsonLines: dialect === 'ash',
    verbose: read.boolean('AGENT_OTEL_VERBOSE', false),
    apiKeysFile: read.text('AGENT_OTEL_API_KEYS_FILE'),
    rulesFile: read.text('AGENT_OTEL_RULES'),
    tenantHeader: read
      .matching('AGENT_OTEL_TENANT_HEADER', { pattern: HEADER_NAME, what: 'the name of a header' })
      ?.toLowerCase(),
    tenantLimit: read.integer('AGENT_OTEL_TENANT_LIMIT', {
      fallback: 10_000,
      min: 1,
      max: 10_000_000,
    }),
    childTraceContext: read.boolean('AGENT_OTEL_CHILD_TRACE_CONTEXT', true),
    logLevel: read.oneOf('AGENT_OTEL_LOG_LEVEL', LOG_LEVELS, 'warn') ?? 'warn',
    otelLogLevel: read.oneOf('OTEL_LOG_LEVEL', OTEL_LOG_LEVELS, 'none'),
    admin: readAdmin(read, metricsExporters),
    sampler: {
      name:
        read.oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on') ??
        'parentbased_always_on',
      ratio: read.ratio('OTEL_TRACES_SAMPLER_ARG') ?? 1,
    },
    propagators: read.listOf('OTEL_PROPAGATORS', PROPAGATORS) ?? ['tracecontext', 'baggage'],
    otlp: readOtlp(read, metricsExporters),
    batch: readBatch(read),
    logBatch: readLogBatch(read),
    ...readMetricExport(read),
    temporality:
      read.oneOf(
        'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
        TEMPORALITIES,
        'cumulative',
      ) ?? 'cumulative',
  } as const;
  read.pairs('OTEL_RESOURCE_ATTRIBUTES');
  return Object.freeze({ ...config, problems: [...read.problems, ...notes] });
}

function readAccessLog(
  read: VariableReader,
  { dialect, notes }: { dialect: Dialect | undefined; notes: string[] },
): Config['accessLog'] {
  const wanted = read.oneOf('AGENT_OTEL_ACCESS_LOG', ACCESS_LOGS, dialect === 'ash' ? 'off' : 'kv');
  if (dialect !== 'ash') return wanted ?? 'kv';
  if (wanted !== 'kv') return wanted ?? 'off';
  notes.push('AGENT_OTEL_ACCESS_LOG=kv means json with dialect ash, where every line is JSON');
  return 'json';
}

function readAdmin(
  read: VariableReader,
  exporters: readonly string[] | undefined,
): Config['admin'] {
  const host = read.text('OTEL_EXPORTER_PROMETHEUS_HOST') ?? '127.0.0.1';
  const port = read.integer('OTEL_EXPORTER_PROMETHEUS_PORT', {
    fallback: 9464,
    min: 0,
    max: 65535,
  });
  return exporters === undefined || exporters.includes('prometheus') ? { host, port } : undefined;
}

/** OTLP is on when an endpoint or the exporter is named, never by default. */
function readOtlp(
  read: VariableReader,
  metricsExporters: readonly string[] | undefined,
): Config['otlp'] {
  const exporters = {
    TRACES: read.listOf('OTEL_TRACES_EXPORTER', ['otlp', 'none']),
    METRICS: metricsExporters,
    LOGS: read.listOf('OTEL_LOGS_EXPORTER', ['otlp', 'none']),
  };
  const fallback = readTransport(read, { signal: '', fallback: 'http/protobuf' });
  const all = read.endpoint('OTEL_EXPORTER_OTLP_ENDPOINT', fallback);
  const protocolOf = (signal: keyof typeof exporters): OtlpProtocol | undefined => {
    const wanted = exporters[signal];
    const protocol = readTransport(read, { signal: `${signal}_`, fallback });
    const own = read.endpoint(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, protocol);
    // A mistyped endpoint must not send data to the default one.
    if (own.problem || (all.problem && own.value === undefined)) return undefined;
    if (wanted?.includes('none') === true) return undefined;
    const on = wanted?.includes('otlp') ?? (own.value ?? all.value) !== undefined;
    return on ? protocol : undefined;
  };
  return {
    traces: protocolOf('TRACES'),
    metrics: protocolOf('METRICS'),
    logs: protocolOf('LOGS'),
  };
}

/** Checks what the exporters read themselves, so that a mistake in it is said. */
function readTransport(
  read: VariableReader,
  { signal, fallback }: { signal: string; fallback: OtlpProtocol },
): OtlpProtocol {
  read.oneOf(`OTEL_EXPORTER_OTLP_${signal}COMPRESSION`, COMPRESSIONS, 'none');
  read.pairs(`OTEL_EXPORTER_OTLP_${signal}HEADERS`);
  for (const file of ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']) {
    read.file(`OTEL_EXPORTER_OTLP_${signal}${file}`);
  }
  read.integer(`OTEL_EXPORTER_OTLP_${signal}TIMEOUT`, { fallback: 10_000, ...MILLISECONDS });
  return read.oneOf(`OTEL_EXPORTER_OTLP_${signal}PROTOCOL`, PROTOCOLS, fallback) ?? fallback;
}

/** The specification's defaults of the batch span processor. */
function readBatch(read: VariableReader): Config['batch'] {
  const size = { min: 1, max: 1_000_000 };
  return {
    scheduledDelayMillis: read.integer('OTEL_BSP_SCHEDULE_DELAY', {
      fallback: 5000,
      ...MILLISECONDS,
    }),
    exportTimeoutMillis: read.integer('OTEL_BSP_EXPORT_TIMEOUT', {
      fallback: 30_000,
      ...MILLISECONDS,
    }),
    maxQueueSize: read.integer('OTEL_BSP_MAX_QUEUE_SIZE', { fallback: 2048, ...size }),
    maxExportBatchSize: read.integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', { fallback: 512, ...size }),
  };
}

/** The specification's defaults of the batch log record processor. */
function readLogBatch(read: VariableReader): Config['logBatch'] {
  return {
    scheduledDelayMs: read.integer('OTEL_BLRP_SCHEDULE_DELAY', { fallback: 1000, ...MILLISECONDS }),
    maxSize: read.integer('OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', {
      fallback: 512,
      min: 1,
      max: 1_000_000,
    }),
  };
}

function readMetricExport(
  read: VariableReader,
): Pick<Config, 'metricExportIntervalMs' | 'metricExportTimeoutMs'> {
  const interval = read.integer('OTEL_METRIC_EXPORT_INTERVAL', {
    fallback: 60_000,
    ...MILLISECONDS,
  });
  const timeout = read.integer('OTEL_METRIC_EXPORT_TIMEOUT', { fallback: 30_000, ...MILLISECONDS });
  // The SDK's reader refuses a timeout that is longer than its interval.
  return { metricExportIntervalMs: interval, metricExportTimeoutMs: Math.min(interval, timeout) };
}
