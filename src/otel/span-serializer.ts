import type { Link, SpanStatus } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import { ProtobufWriter } from './protobuf-writer.js';

// The numbers of fields are those of OTLP's trace.proto, common.proto and resource.proto, whose
// fields are written here from the last to the first; see the writer.

/** `SpanFlags` of trace.proto: whether it is known that the parent is remote, and that it is. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const INT64_LIMIT = 2 ** 63;

const writer = new ProtobufWriter();

/**
 * Spans as an `ExportTraceServiceRequest` of OTLP 1.x in protobuf: the bytes that the serializer
 * of OpenTelemetry's package makes of them, at two fifths of its price, which is paid for
 * each span that is exported. Theirs serializes metrics and log records.
 */
export function serializeSpans(spans: readonly ReadableSpan[]): Uint8Array<ArrayBuffer> {
  writer.begin();
  for (const [resource, scopes] of [...byResourceAndScope(spans)].toReversed()) {
    const since = writer.length;
    if (resource.schemaUrl) writer.string(3, resource.schemaUrl);
    for (const [scope, ofScope] of [...scopes].toReversed()) writeScopeSpans(scope, ofScope);
    writeResource(resource);
    writer.message(1, since);
  }
  return writer.finish();
}

type SpansByScope = Map<InstrumentationScope, ReadableSpan[]>;

function byResourceAndScope(spans: readonly ReadableSpan[]): Map<Resource, SpansByScope> {
  const resources = new Map<Resource, SpansByScope>();
  for (const span of spans) {
    let scopes = resources.get(span.resource);
    if (scopes === undefined) resources.set(span.resource, (scopes = new Map() as SpansByScope));
    const others = scopes.get(span.instrumentationScope);
    if (others === undefined) scopes.set(span.instrumentationScope, [span]);
    else others.push(span);
  }
  return resources;
}

function writeResource({ attributes }: Resource): void {
  const since = writer.length;
  writer.integer(2, 0);
  writeAttributes(1, attributes);
  writer.message(1, since);
}

function writeScopeSpans(scope: InstrumentationScope, spans: readonly ReadableSpan[]): void {
  const since = writer.length;
  if (scope.schemaUrl) writer.string(3, scope.schemaUrl);
  for (const span of spans.toReversed()) writeSpan(span);
  writeScope(scope);
  writer.message(2, since);
}

function writeScope({ name, version }: InstrumentationScope): void {
  const since = writer.length;
  if (version) writer.string(2, version);
  writer.string(1, name);
  writer.message(1, since);
}

function writeSpan(span: ReadableSpan): void {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const parent = span.parentSpanContext;
  const state = traceState?.serialize();
  const since = writer.length;
  writer.uint32(16, flags(traceFlags, parent?.isRemote));
  writeStatus(span.status);
  writer.integer(14, span.droppedLinksCount);
  for (const link of span.links.toReversed()) writeLink(link);
  writer.integer(12, span.droppedEventsCount);
  for (const event of span.events.toReversed()) writeEvent(event);
  writer.integer(10, span.droppedAttributesCount);
  writeAttributes(9, span.attributes);
  writer.time(8, span.endTime);
  writer.time(7, span.startTime);
  // The API has no kind that is unset, which is 0 here.
  writer.integer(6, span.kind + 1);
  writer.string(5, span.name);
  if (parent?.spanId) writer.hex(4, parent.spanId);
  if (state) writer.string(3, state);
  writer.hex(2, spanId);
  writer.hex(1, traceId);
  writer.message(2, since);
}

function writeStatus({ code, message }: SpanStatus): void {
  const since = writer.length;
  writer.integer(3, code);
  if (message) writer.string(2, message);
  writer.message(15, since);
}

function writeLink({ context, attributes = {}, droppedAttributesCount = 0 }: Link): void {
  const { traceId, spanId, traceFlags, traceState, isRemote } = context;
  const state = traceState?.serialize();
  const since = writer.length;
  writer.uint32(6, flags(traceFlags, isRemote));
  writer.integer(5, droppedAttributesCount);
  writeAttributes(4, attributes);
  if (state) writer.string(3, state);
  writer.hex(2, spanId);
  writer.hex(1, traceId);
  writer.message(13, since);
}

function writeEvent({ name, time, attributes = {}, droppedAttributesCount = 0 }: TimedEvent): void {
  const since = writer.length;
  writer.integer(4, droppedAttributesCount);
  writeAttributes(3, attributes);
  writer.string(2, name);
  writer.time(1, time);
  writer.message(11, since);
}

/** `KeyValue`s in a field. */
function writeAttributes(field: number, attributes: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(attributes).reverse()) {
    const since = writer.length;
    writeAnyValue(attributes[key]);
    writer.message(2, since);
    writer.string(1, key);
    writer.message(field, since);
  }
}

/** The one field of an `AnyValue`; none for what it has no field for. */
function writeAnyValue(value: unknown): void {
  if (typeof value === 'string') writer.string(1, value);
  else if (typeof value === 'boolean') writer.integer(2, value ? 1 : 0);
  else if (typeof value === 'number') writeNumber(value);
  else if (value instanceof Uint8Array) writer.bytes(7, value);
  else if (Array.isArray(value)) writeArray(value);
  else if (typeof value === 'object' && value !== null) {
    const since = writer.length;
    writeAttributes(1, value as Record<string, unknown>);
    writer.message(6, since);
  }
}

function writeNumber(value: number): void {
  if (Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT) {
    writer.integer(3, value);
  } else {
    writer.double(4, value);
  }
}

function writeArray(values: readonly unknown[]): void {
  const since = writer.length;
  for (const value of values.toReversed()) {
    const before = writer.length;
    writeAnyValue(value);
    writer.message(1, before);
  }
  writer.message(5, since);
}

function flags(traceFlags: number, isRemote = false): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}
