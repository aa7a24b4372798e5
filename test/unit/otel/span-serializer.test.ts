import assert from 'node:assert/strict';
import test from 'node:test';
import { createTraceState, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { serializeSpans } from '../../../src/otel/span-serializer.js';
import { decodeSpans } from '../../support/otlp-decode.js';

const RESOURCE = defaultResource();
const SCOPE = { name: 'agent-otel', version: '1.2.3' };

function span(changes: object = {}): ReadableSpan {
  return {
    name: 'GET /x',
    kind: SpanKind.SERVER,
    spanContext: () => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    }),
    startTime: [1_764_172_800, 123_456_789],
    endTime: [1_764_172_801, 0],
    duration: [0, 876_543_211],
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'http.request.method': 'GET', 'http.response.status_code': 200 },
    links: [],
    events: [],
    ended: true,
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...changes,
  };
}

/** What the package of OpenTelemetry makes of the same spans is what must come out. */
function assertSame(...spans: ReadableSpan[]): void {
  const theirs = ProtobufTraceSerializer.serializeRequest(spans);
  assert.equal(
    Buffer.from(serializeSpans(spans)).toString('hex'),
    Buffer.from(theirs ?? []).toString('hex'),
  );
}

const CONTEXT = {
  traceId: 'FFEEDDCCBBAA99887766554433221100',
  spanId: '0123456789abcdef',
  traceFlags: TraceFlags.NONE,
};

const SPANS: Record<string, ReadableSpan> = {
  'a plain one': span(),
  'a local parent': span({ parentSpanContext: { ...CONTEXT, isRemote: false } }),
  'a remote parent': span({ parentSpanContext: { ...CONTEXT, isRemote: true } }),
  'a trace state': span({
    spanContext: () => ({ ...CONTEXT, traceState: createTraceState('a=1,b=2') }),
  }),
  'an error with a message': span({
    status: { code: SpanStatusCode.ERROR, message: 'it was — refused' },
  }),
  'a status that is ok': span({ status: { code: SpanStatusCode.OK } }),
  'all that was dropped': span({
    droppedAttributesCount: 1,
    droppedEventsCount: 300,
    droppedLinksCount: 70_000,
  }),
  events: span({
    events: [
      { name: 'exception', time: [1, 2], attributes: { 'exception.type': 'E' } },
      { name: 'b', time: [1_764_172_800, 999_999_999], droppedAttributesCount: 3 },
    ],
  }),
  links: span({
    links: [
      {
        context: { ...CONTEXT, isRemote: true },
        attributes: { a: 'b' },
        droppedAttributesCount: 2,
      },
      { context: { ...CONTEXT, traceState: createTraceState('k=v') } },
    ],
  }),
  'no attributes': span({ attributes: {} }),
  'attributes of every kind': span({
    attributes: {
      text: 'a',
      empty: '',
      yes: true,
      no: false,
      none: null,
      list: ['a', 'b'],
      nested: [[1, 'a'], [], [true]],
      bytes: new Uint8Array([0, 127, 128, 255]),
      object: { a: 1, b: { c: ['d'] }, e: {} },
      unknown: Symbol('a'),
    },
  }),
};

for (const [what, given] of Object.entries(SPANS)) {
  test(`a span is serialized as the package of OpenTelemetry does it: ${what}`, () => {
    assertSame(given);
  });
}

test('integers and doubles are told apart, at the limits of both', () => {
  const limits = [7, 8, 14, 21, 28, 31, 32, 35, 42, 49, 53, 56, 63, 64].map((bits) => 2 ** bits);
  const numbers = [0, 0.5, NaN, Infinity, Number.MAX_VALUE, Number.MIN_VALUE]
    .concat(limits.flatMap((limit) => [limit - 1, limit, limit + 1]))
    .flatMap((value) => [value, -value]);
  assertSame(span({ attributes: { numbers } }));
});

test('texts of all lengths and scripts are UTF-8', () => {
  const letters = ['a', '\u007f', '\u0080', 'ß', '漢', '😀', '\ud800'];
  const lengths = [1, 63, 64, 127, 128, 129, 5000];
  const texts = letters.flatMap((letter) => lengths.map((length) => letter.repeat(length)));
  assertSame(
    ...texts.map((text) => span({ name: text, attributes: { [text]: [text, `a${text}`] } })),
  );
});

test('times are exact to the nanosecond until the year 2106 and beyond', () => {
  const seconds = [0, 1, 4, 5, 1_764_172_800, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 18_446_744_073];
  const nanoseconds = [0, 1, 294_967_295, 294_967_296, 500_000_000, 709_551_615];
  for (const at of seconds) {
    for (const rest of nanoseconds)
      assertSame(span({ startTime: [at, rest], endTime: [at, rest] }));
  }
  for (let at = 1_764_172_800; at < 1_764_172_900; at++) {
    assertSame(span({ startTime: [at, 999_999_999 - (at % 1000)], endTime: [at, at % 1000] }));
  }
});

test('spans are grouped by their resource and their scope', () => {
  const other = resourceFromAttributes(
    { 'service.name': 'b', 'process.command_args': ['node', 'x'] },
    { schemaUrl: 'https://opentelemetry.io/schemas/1.37.0' },
  );
  const scope = { name: 'x', schemaUrl: 'https://opentelemetry.io/schemas/1.36.0' };
  assertSame(
    span({ name: '1' }),
    span({ name: '2', resource: other }),
    span({ name: '3', instrumentationScope: scope }),
    span({ name: '4', resource: other, instrumentationScope: scope }),
    span({ name: '5' }),
    span({ name: '6', resource: other }),
  );
});

test('no spans are an empty request', () => {
  assertSame();
});

test('a batch that outgrows the memory of those before it is whole, and so is the next', () => {
  const many = Array.from({ length: 3000 }, (_, i) =>
    span({ name: `span ${i}`, attributes: { i, text: 'x'.repeat(i) } }),
  );
  assertSame(...many);
  assertSame(span());
  assertSame(...many.slice(0, 512));
});

test('what a host in JavaScript gives in place of a text, a number or an id spoils no other span', () => {
  const odd = {
    name: undefined,
    status: {},
    events: [{ name: 7, time: [1, 2], droppedAttributesCount: 'many' }],
    links: [{ context: { traceId: 'abc', spanId: '', traceFlags: undefined } }],
  };
  const [first, second, third] = decodeSpans(
    Buffer.from(serializeSpans([span({ name: 'a' }), span(odd), span({ name: 'b' })])),
  );
  assert.deepEqual([first?.name, second?.name, third?.name], ['a', 'undefined', 'b']);
  assert.deepEqual(
    [first, third].map((each) => each?.attributes),
    [span().attributes, span().attributes],
  );
});

test('a span that cannot be read leaves nothing behind in the next batch', () => {
  const unreadable = {
    get a(): string {
      throw new Error('unreadable');
    },
  };
  assert.throws(() => serializeSpans([span(), span({ attributes: unreadable })]), /unreadable/);
  assertSame(span());
});
