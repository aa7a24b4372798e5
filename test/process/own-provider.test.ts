import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture, PRELOAD, ROOT } from '../support/paths.js';
import { waitForAccessLines } from './support/access-lines.js';
import { requestId, send } from './support/client.js';
import { valueFromPoints, type Point } from './support/documented-from-points.js';
import { temporaryModule } from './support/ending-host.js';
import { readSamples, valueOf } from './support/exposition.js';

interface Span {
  name: string;
  kind: string;
  scope: string;
  spanId: string;
  traceId: string;
  parentSpanId: string;
}

const read = async <T>(host: Host, path: string): Promise<T> =>
  JSON.parse((await send(`${host.url}${path}`)).body) as T;

for (const when of ['before', 'after'] as const) {
  test(`a provider that a host registers ${when} it listens exports its spans and ours`, async (t) => {
    const host = await startHost(t, { args: [fixture('own-sdk.js'), when] });
    assert.deepEqual(await read(host, '/registered'), [true, true, true, true]);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const id = requestId(await send(`${host.url}/work`, { headers: { traceparent } }));

    const spans = await read<Span[]>(host, '/spans');
    const server = spans.find(({ spanId }) => spanId === id);
    const own = spans.find(({ name }) => name === 'host work');
    const exec = spans.find(({ name }) => name === 'exec');
    assert.deepEqual([server?.kind, server?.scope], ['SERVER', 'agent-otel']);
    assert.deepEqual([server?.traceId, server?.parentSpanId], ['a'.repeat(32), 'b'.repeat(16)]);
    assert.equal(own?.parentSpanId, id);
    assert.equal(exec?.parentSpanId, own.spanId);
    assert.equal(exec.traceId, 'a'.repeat(32));

    const lines = await waitForAccessLines(host, 3);
    assert.deepEqual(
      lines.map(({ path }) => path),
      ['/registered', '/work', '/spans'],
    );
    assert.equal(lines[1]?.id, id);
  });

  test(`at always_off a provider registered ${when} listen keeps every line and exports nothing`, async (t) => {
    const host = await startHost(t, { args: [fixture('own-sdk.js'), when, 'always_off'] });
    const ids = new Set<string>();
    for (let i = 0; i < 10; i++) ids.add(requestId(await send(`${host.url}/work`)));
    assert.equal(ids.size, 10);
    assert.deepEqual(await read(host, '/spans'), []);
    const lines = await waitForAccessLines(host, 11);
    assert.deepEqual(new Set(lines.slice(0, 10).map(({ id }) => id)), ids);
  });

  test(`a MeterProvider registered ${when} listen has the canonical instruments`, async (t) => {
    const host = await startHost(t, {
      args: [fixture('own-sdk.js'), when],
      env: { AGENT_OTEL_INLINE: 'true' },
    });
    for (let i = 0; i < 3; i++) await send(`${host.url}/work`);
    const points = await read<Point[]>(host, '/points');
    const samples = readSamples((await send(`${host.url}/api/v1/metrics`)).body);
    assert.equal(valueOf(samples, 'wasmrun_agent_exec_duration_ms_count'), 3);
    const counts = samples.filter(({ name }) => !name.endsWith('_ms_sum'));
    for (const sample of counts) {
      assert.equal(valueFromPoints(points, sample), sample.value, sample.name);
    }
  });
}

test("the host's own server span is the request's: there is no second one", async (t) => {
  const host = await startHost(t, { args: [fixture('own-sdk.js'), 'before', 'instrumented'] });
  const id = requestId(await send(`${host.url}/work`));
  const spans = await read<Span[]>(host, '/spans');
  const served = spans.filter(({ kind }) => kind === 'SERVER');
  assert.deepEqual(
    served.map(({ name, spanId }) => [name, spanId]),
    [['theirs', id]],
  );
  const lines = await waitForAccessLines(host, 2);
  assert.deepEqual(
    lines.map(({ path }) => path),
    ['/work', '/spans'],
  );
  assert.equal(lines[0]?.id, id);
});

test('an instrumentation that wrapped emit before the preload still makes the only server span', async (t) => {
  const require = createRequire(`${ROOT}package.json`);
  const early = temporaryModule(
    t,
    `const { createRequire } = require('node:module');
     const load = createRequire(${JSON.stringify(require.resolve('@opentelemetry/core'))});
     const { context, SpanKind, trace } = load('@opentelemetry/api');
     const { RPCType, setRPCMetadata } = load('@opentelemetry/core');
     const http = require('node:http');
     const inner = http.Server.prototype.emit;
     http.Server.prototype.emit = function (event, ...args) {
       if (event !== 'request') return inner.call(this, event, ...args);
       const span = trace.getTracer('stock').startSpan('theirs', { kind: SpanKind.SERVER });
       const active = trace.setSpan(context.active(), span);
       const inside = setRPCMetadata(active, { type: RPCType.HTTP, span });
       args[1].once('close', () => span.end());
       return context.with(inside, () => inner.call(this, event, ...args));
     };`,
  );
  const host = await startHost(t, {
    args: [fixture('own-sdk.js'), 'before'],
    nodeArgs: ['--require', early, '--require', PRELOAD],
  });
  const id = requestId(await send(`${host.url}/work`));
  const spans = await read<Span[]>(host, '/spans');
  const served = spans.filter(({ kind }) => kind === 'SERVER');
  assert.deepEqual(
    served.map(({ name, spanId }) => [name, spanId]),
    [['theirs', id]],
  );
  assert.equal((await waitForAccessLines(host, 2))[0]?.id, id);
});
