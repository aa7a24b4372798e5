import { existsSync, readFileSync } from 'node:fs';
import type {
  Attributes,
  AttributeValue,
  OtlpPoint,
  OtlpSpan,
  Scope,
} from '../../support/otlp-decode.js';

/** One log record as the file exporter writes it. */
export interface LogRecord {
  readonly timeNanos: number;
  readonly observedNanos: number;
  readonly severity: string;
  readonly severityNumber: number;
  readonly body: string;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export interface Telemetry {
  readonly spans: OtlpSpan[];
  readonly points: OtlpPoint[];
  readonly records: LogRecord[];
}

/** OTLP's JSON as the Collector writes it: 64-bit integers are strings, absent is zero. */
type Json = Readonly<Record<string, unknown>>;

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;

/** Reads the whole lines that the file exporter has written so far. */
export function readTelemetry(file: string): Telemetry {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const batches = lines.map((line) => JSON.parse(line) as Json);
  return {
    spans: batches.flatMap((batch) => each(batch, ['Spans', 'spans']).map(toSpan)),
    points: batches.flatMap((batch) => each(batch, ['Metrics', 'metrics']).flatMap(toPoints)),
    records: batches.flatMap((batch) => each(batch, ['Logs', 'logRecords']).map(toRecord)),
  };
}

interface Placed {
  readonly item: Json;
  readonly resource: Attributes;
  readonly scope: Scope;
}

/** The items of one signal, with the resource and the scope that they stand in. */
function each(batch: Json, [signal, items]: readonly [string, string]): Placed[] {
  return list(batch[`resource${signal}`]).flatMap((ofResource) =>
    list(ofResource[`scope${signal}`]).flatMap((ofScope) => {
      const resource = toAttributes(object(ofResource['resource'])['attributes']);
      const { name = '', version = '' } = object(ofScope['scope']);
      const scope = { name: text(name), version: text(version) };
      return list(ofScope[items]).map((item) => ({ item, resource, scope }));
    }),
  );
}

function toSpan({ item, resource, scope }: Placed): OtlpSpan {
  return {
    traceId: text(item['traceId']),
    spanId: text(item['spanId']),
    parentSpanId: text(item['parentSpanId']),
    name: text(item['name']),
    kind: KINDS[number(item['kind'])] ?? 'UNSPECIFIED',
    startNanos: number(item['startTimeUnixNano']),
    endNanos: number(item['endTimeUnixNano']),
    attributes: toAttributes(item['attributes']),
    status: STATUSES[number(object(item['status'])['code'])] ?? 'UNSET',
    flags: number(item['flags']),
    resource,
    scope,
  };
}

function toPoints({ item, resource, scope }: Placed): OtlpPoint[] {
  const type = (['gauge', 'sum', 'histogram'] as const).find((kind) => kind in item);
  if (type === undefined) return [];
  const data = object(item[type]);
  return list(data['dataPoints']).map((point) => ({
    name: text(item['name']),
    unit: text(item['unit']),
    description: text(item['description']),
    type,
    monotonic: data['isMonotonic'] === true,
    temporality: TEMPORALITIES[number(data['aggregationTemporality'])] ?? 'unspecified',
    attributes: toAttributes(point['attributes']),
    startNanos: number(point['startTimeUnixNano']),
    timeNanos: number(point['timeUnixNano']),
    value: number(point['asDouble'] ?? point['asInt']),
    sum: number(point['sum']),
    count: number(point['count']),
    buckets: values(point['bucketCounts']).map(number),
    bounds: values(point['explicitBounds']).map(number),
    resource,
    scope,
  }));
}

function toRecord({ item, resource }: Placed): LogRecord {
  return {
    timeNanos: number(item['timeUnixNano']),
    observedNanos: number(item['observedTimeUnixNano']),
    severity: text(item['severityText']),
    severityNumber: number(item['severityNumber']),
    body: text(toValue(object(item['body']))),
    eventName: text(item['eventName']),
    traceId: text(item['traceId']),
    spanId: text(item['spanId']),
    attributes: toAttributes(item['attributes']),
    resource,
  };
}

function toAttributes(pairs: unknown): Attributes {
  return Object.fromEntries(
    list(pairs).map((pair) => [text(pair['key']), toValue(object(pair['value']))]),
  );
}

function toValue(value: Json): AttributeValue {
  if ('intValue' in value) return number(value['intValue']);
  if ('doubleValue' in value) return number(value['doubleValue']);
  if ('boolValue' in value) return value['boolValue'] === true;
  if ('arrayValue' in value) return list(object(value['arrayValue'])['values']).map(toValue);
  return text(value['stringValue']);
}

const values = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const list = (value: unknown): Json[] => values(value).map(object);
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'string' ? Number(value) : 0;
