import { readMessage, type ProtoMessage } from './protobuf.js';

/** Field numbers are those of opentelemetry-proto 1.x. */

export type AttributeValue = string | number | boolean | readonly AttributeValue[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Scope {
  readonly name: string;
  readonly version: string;
}

export type SpanKind = 'UNSPECIFIED' | 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';

/** One span as it came over the wire; ids in hex, no parent is ''. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startNanos: number;
  readonly endNanos: number;
  readonly attributes: Attributes;
  readonly status: 'UNSET' | 'OK' | 'ERROR';
  /** Bits 0 to 7 are the W3C trace flags. */
  readonly flags: number;
  readonly resource: Attributes;
  readonly scope: Scope;
}

/** One data point with what its metric says of it. */
export interface OtlpPoint {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: 'gauge' | 'sum' | 'histogram';
  readonly monotonic: boolean;
  readonly temporality: 'unspecified' | 'delta' | 'cumulative';
  readonly attributes: Attributes;
  readonly startNanos: number;
  readonly timeNanos: number;
  /** Of a gauge or a sum; 0 for a histogram. */
  readonly value: number;
  /** Of a histogram; 0 and empty otherwise. */
  readonly sum: number;
  readonly count: number;
  readonly buckets: readonly number[];
  readonly bounds: readonly number[];
  readonly resource: Attributes;
  readonly scope: Scope;
}

/** One log record; ids in hex, none is ''. */
export interface OtlpLogRecord {
  readonly eventName: string;
  readonly timeNanos: number;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AttributeValue;
  readonly attributes: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly resource: Attributes;
  readonly scope: Scope;
}

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;

/** The spans of an ExportTraceServiceRequest. */
export function decodeSpans(body: Buffer): OtlpSpan[] {
  return readMessage(body)
    .messages(1)
    .flatMap((resourceSpans) =>
      resourceSpans.messages(2).flatMap((scopeSpans) => {
        const common = { resource: resourceOf(resourceSpans), scope: scopeOf(scopeSpans) };
        return scopeSpans.messages(2).map((span) => ({ ...decodeSpan(span), ...common }));
      }),
    );
}

function decodeSpan(span: ProtoMessage): Omit<OtlpSpan, 'resource' | 'scope'> {
  return {
    traceId: span.hex(1),
    spanId: span.hex(2),
    parentSpanId: span.hex(4),
    name: span.text(5),
    kind: KINDS[span.integer(6)] ?? 'UNSPECIFIED',
    startNanos: span.integer(7),
    endNanos: span.integer(8),
    attributes: attributesOf(span.messages(9)),
    status: STATUSES[span.message(15)?.integer(3) ?? 0] ?? 'UNSET',
    flags: span.integer(16),
  };
}

/** The records of an ExportLogsServiceRequest. */
export function decodeLogRecords(body: Buffer): OtlpLogRecord[] {
  return readMessage(body)
    .messages(1)
    .flatMap((resourceLogs) =>
      resourceLogs.messages(2).flatMap((scopeLogs) => {
        const common = { resource: resourceOf(resourceLogs), scope: scopeOf(scopeLogs) };
        return scopeLogs.messages(2).map((record) => ({
          eventName: record.text(12),
          timeNanos: record.integer(1),
          severityNumber: record.integer(2),
          severityText: record.text(3),
          body: valueOf(record.message(5)),
          attributes: attributesOf(record.messages(6)),
          traceId: record.hex(9),
          spanId: record.hex(10),
          ...common,
        }));
      }),
    );
}

/** The data points of an ExportMetricsServiceRequest. */
export function decodePoints(body: Buffer): OtlpPoint[] {
  return readMessage(body)
    .messages(1)
    .flatMap((resourceMetrics) =>
      resourceMetrics.messages(2).flatMap((scopeMetrics) => {
        const common = { resource: resourceOf(resourceMetrics), scope: scopeOf(scopeMetrics) };
        return scopeMetrics
          .messages(2)
          .flatMap((metric) => decodeMetric(metric).map((point) => ({ ...point, ...common })));
      }),
    );
}

type BarePoint = Omit<OtlpPoint, 'resource' | 'scope'>;

function decodeMetric(metric: ProtoMessage): BarePoint[] {
  const identity = { name: metric.text(1), description: metric.text(2), unit: metric.text(3) };
  const gauge = metric.message(5);
  const sum = metric.message(7);
  const histogram = metric.message(9);
  const none = { value: 0, sum: 0, count: 0, buckets: [], bounds: [] };
  if (histogram !== undefined) {
    return histogram.messages(1).map((point) => ({
      ...identity,
      ...none,
      type: 'histogram',
      monotonic: false,
      temporality: temporalityOf(histogram),
      attributes: attributesOf(point.messages(9)),
      startNanos: point.integer(2),
      timeNanos: point.integer(3),
      count: point.integer(4),
      sum: point.double(5),
      buckets: point.fixed64s(6),
      bounds: point.doubles(7),
    }));
  }
  const data = sum ?? gauge;
  if (data === undefined) throw new Error(`${identity.name} is of no type that OTLP has here`);
  return data.messages(1).map((point) => ({
    ...identity,
    ...none,
    type: sum === undefined ? 'gauge' : 'sum',
    monotonic: sum?.integer(3) === 1,
    temporality: sum === undefined ? 'unspecified' : temporalityOf(sum),
    attributes: attributesOf(point.messages(7)),
    startNanos: point.integer(2),
    timeNanos: point.integer(3),
    value: point.has(4) ? point.double(4) : point.integer(6),
  }));
}

function temporalityOf(data: ProtoMessage): OtlpPoint['temporality'] {
  return TEMPORALITIES[data.integer(2)] ?? 'unspecified';
}

function resourceOf(container: ProtoMessage): Attributes {
  return attributesOf(container.message(1)?.messages(1) ?? []);
}

function scopeOf(container: ProtoMessage): Scope {
  const scope = container.message(1);
  return { name: scope?.text(1) ?? '', version: scope?.text(2) ?? '' };
}

function attributesOf(pairs: readonly ProtoMessage[]): Attributes {
  return Object.fromEntries(pairs.map((pair) => [pair.text(1), valueOf(pair.message(2))]));
}

function valueOf(value: ProtoMessage | undefined): AttributeValue {
  if (value === undefined) return '';
  if (value.has(2)) return value.integer(2) === 1;
  if (value.has(3)) return value.integer(3);
  if (value.has(4)) return value.double(4);
  const list = value.message(5);
  return list === undefined ? value.text(1) : list.messages(1).map(valueOf);
}
