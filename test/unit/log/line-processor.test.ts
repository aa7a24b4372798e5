import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SpanKind, type Attributes } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import {
  createAccessLineProcessor,
  createResumeLineProcessor,
  createTimingLineProcessor,
} from '../../../src/log/line-processor.js';
import type { EndedSpanProcessor } from '../../../src/log/ended-span.js';
import { exec } from '../../../src/events/exec.js';
import { request } from '../../../src/events/request.js';
import { session } from '../../../src/events/session.js';
import { startRuntime, type TestRuntime } from '../../support/runtime.js';

type Create = (options: { write: (line: string) => void }) => EndedSpanProcessor;

const timing: Create = (options) => createTimingLineProcessor({ isWanted: () => true, ...options });
const access: Create = (options) => createAccessLineProcessor({ format: 'kv', ...options });

function startWith(t: TestContext, create: Create): { agent: TestRuntime; lines: string[] } {
  const lines: string[] = [];
  const processor = create({ write: (line) => lines.push(line) });
  return { agent: startRuntime(t, { spanProcessors: [processor] }), lines };
}

/** The line of a span that any SDK has made, its time aside. */
function lineOf(
  create: Create,
  attributes: Attributes,
  kind = SpanKind.SERVER,
): string | undefined {
  const lines: string[] = [];
  const provider = new BasicTracerProvider({
    spanProcessors: [create({ write: (line) => lines.push(line) })],
  });
  provider.getTracer('host').startSpan('any', { kind, attributes, root: true }).end();
  assert.ok(lines.length <= 1);
  return lines[0];
}

test('a server span of any SDK becomes one access line when it ends', () => {
  const line = lineOf(access, {
    'http.request.method': 'GET',
    'url.path': '/x',
    'http.response.status_code': 204,
    'agent.tenant.id': 'acme',
  });
  assert.match(
    line ?? '',
    /^ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 id=[0-9a-f]{16} method=GET path=\/x status=204 dur_ms=\d+ tenant=acme\n$/,
  );
});

const PARTS: readonly [string, Attributes, RegExp][] = [
  [
    'the method as it came',
    { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' },
    / method=BREW /,
  ],
  ['the request id that the host sent', { 'agent.request.id': 'own' }, / id=own /],
  ['499 where no status was sent', { 'agent.request.aborted': true }, / status=499 /],
  [
    'the status that was sent although the client left',
    { 'agent.request.aborted': true, 'http.response.status_code': 200 },
    / status=200 /,
  ],
  ['a dash for a tenant that is unknown', {}, / tenant=-\n$/],
  ['a dash for a tenant without a name', { 'agent.tenant.id': '' }, / tenant=-\n$/],
];

for (const [what, attributes, expected] of PARTS) {
  test(`the access line has ${what}`, () => {
    const all = { 'http.request.method': 'GET', 'url.path': '/x', ...attributes };
    assert.match(lineOf(access, all) ?? '', expected);
  });
}

test('a span that is no HTTP server span has no access line', () => {
  assert.equal(lineOf(access, { 'http.request.method': 'GET' }, SpanKind.CLIENT), undefined);
  assert.equal(lineOf(access, { 'http.request.method': 'GET' }, SpanKind.INTERNAL), undefined);
  assert.equal(lineOf(access, { 'rpc.system': 'grpc' }), undefined);
});

test('a request of ours becomes one access line, with the id that its response carries', (t) => {
  const { agent, lines } = startWith(t, access);
  const incoming = agent.incoming();
  incoming.handle(() => {
    request.identified({ tenant: 'acme' });
    exec.start().end('success');
  });
  incoming.end({ status: 200, outcome: 'completed' });
  const [line = '', ...others] = lines;
  assert.deepEqual(others, []);
  assert.ok(line.includes(` id=${incoming.id} method=POST path=/v1/messages status=200 `));
  assert.ok(line.endsWith(' tenant=acme\n'));
});

test('the JSON form leads into the trace', (t) => {
  const { agent, lines } = startWith(t, (options) =>
    createAccessLineProcessor({ format: 'json', ...options }),
  );
  const incoming = agent.incoming();
  incoming.end({ status: 200, outcome: 'aborted' });
  const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.equal(line['trace_id'], incoming.span.spanContext().traceId);
  assert.equal(line['span_id'], incoming.id);
  assert.equal(line['aborted'], true);
});

test('a resume becomes one resume line, and other session events none', (t) => {
  const { lines } = startWith(t, createResumeLineProcessor);
  session.created({ id: 's1' });
  session.paused('s1');
  session.resumed({ id: 's1', path: 'cold', agentName: 'my-agent' });
  session.ended('s1');
  assert.equal(lines.length, 1);
  const { ts, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    type: 'resume_hit',
    path: 'cold',
    sessionId: 's1',
    agentName: 'my-agent',
  });
});

test('a resume that was not counted has no line', (t) => {
  const { lines } = startWith(t, createResumeLineProcessor);
  session.created({ id: 's1' });
  session.ended('s1');
  session.resumed({ id: 's1', path: 'warm' });
  assert.deepEqual(lines, []);
});

test('a timed message becomes one timing line, an untimed one none', (t) => {
  const { agent, lines } = startWith(t, timing);
  session.message('untimed').end();
  t.after(() => delete process.env['ASH_DEBUG_TIMING']);
  process.env['ASH_DEBUG_TIMING'] = '1';
  const message = session.message('s1');
  agent.advance(2.51);
  message.located({ sandbox: 'c1' });
  message.eventSent('text');
  agent.advance(10);
  message.end();
  assert.equal(lines.length, 1);
  const { timestamp, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  assert.match(String(timestamp), /Z$/);
  assert.deepEqual(Object.entries(rest), [
    ['type', 'timing'],
    ['source', 'server'],
    ['sessionId', 's1'],
    ['sandboxId', 'c1'],
    ['lookupMs', 2.51],
    ['firstEventMs', 2.51],
    ['totalMs', 12.51],
    ['eventCount', 1],
  ]);
});

test('a processor can be flushed and shut down like any other', async () => {
  const processor = access({ write: () => undefined });
  await processor.forceFlush();
  await processor.shutdown();
});
