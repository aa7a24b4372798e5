import assert from 'node:assert/strict';
import test from 'node:test';
import { startHost, type Host } from '../support/host.js';
import { fixture } from '../support/paths.js';
import { parseAccessLine } from './support/access-lines.js';
import { requestId, send } from './support/client.js';
import { DERIVATIONS, valueFromPoints, type Point } from './support/documented-from-points.js';
import { familiesOf, readSamples } from './support/exposition.js';

interface Span {
  name: string;
  kind: string;
  spanId: string;
  traceId: string;
  parentSpanId: string;
}

const read = async <T>(host: Host, path: string): Promise<T> =>
  JSON.parse((await send(`${host.url}${path}`)).body) as T;

const startComposed = (t: test.TestContext, ...modes: string[]): Promise<Host> =>
  startHost(t, { args: [fixture('composed.js'), ...modes], nodeArgs: [] });

for (const [mode, what] of [
  ['instrument', "instruments on the host's MeterProvider"],
  ['producer', 'a metric producer in its reader'],
] as const) {
  test(`a composed host's documented metrics equal ${what}`, async (t) => {
    const host = await startComposed(t, mode);
    assert.equal(await read(host, '/drive'), 'driven');
    const pages = ['/api/v1/metrics', '/metrics', '/v1/metrics'];
    const scrapes = await Promise.all(pages.map((path) => send(`${host.url}${path}`)));
    const text = scrapes.map(({ body }) => body).join('');
    const points = await read<Point[]>(host, '/points');
    const carried = new Set(Object.keys(DERIVATIONS));
    assert.deepEqual(
      [...carried].filter((name) => !familiesOf(text).includes(name)),
      [],
    );
    for (const sample of readSamples(text).filter(({ name }) => carried.has(name))) {
      const value = valueFromPoints(points, sample);
      const label = `${sample.name}${JSON.stringify(sample.labels)}`;
      if (sample.name.endsWith('_ms_sum')) {
        assert.ok(Math.abs(value - sample.value) < 1, `${label}: ${value} and ${sample.value}`);
      } else assert.equal(value, sample.value, label);
    }
  });
}

for (const mode of ['always_on', 'always_off'] as const) {
  test(`a composed host's LoggerProvider has a record of every request, with ${mode}`, async (t) => {
    const host = await startComposed(t, mode);
    const id = requestId(await send(`${host.url}/ok`));
    await host.line(/path=\/ok/);
    const records = await read<
      { eventName: string; spanId: string; attributes: Record<string, unknown> }[]
    >(host, '/records');
    assert.deepEqual(
      records.map(({ eventName, spanId, attributes }) => [
        eventName,
        spanId,
        attributes['agent.request.id'],
      ]),
      [['agent.request.ended', id, id]],
    );
  });
}

for (const mode of ['always_on', 'always_off'] as const) {
  test(`a composed host has a line and an id for every request at ${mode}`, async (t) => {
    const host = await startComposed(t, mode);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const id = requestId(await send(`${host.url}/ok`, { headers: { traceparent } }));
    await send(`${host.url}/drive`);
    const spans = await read<Span[]>(host, '/spans');
    await host.line(/path=\/spans/);
    const paths = host
      .lines()
      .map(parseAccessLine)
      .filter((line) => line !== undefined)
      .map(({ path }) => path);
    assert.deepEqual(paths, ['/ok', '/drive', '/spans']);
    await host.line(new RegExp(`id=${id} method=GET path=/ok status=200`));
    assert.equal(host.lines().filter((line) => line.includes('"type":"resume_hit"')).length, 2);
    if (mode === 'always_off') assert.deepEqual(spans, []);
    else {
      const server = spans.find(({ spanId }) => spanId === id);
      assert.deepEqual([server?.kind, server?.traceId], ['SERVER', 'a'.repeat(32)]);
      const served = new Set(
        spans.filter(({ kind }) => kind === 'SERVER').map(({ spanId }) => spanId),
      );
      const exec = spans.find(({ name }) => name === 'exec');
      assert.ok(served.has(exec?.parentSpanId ?? ''), 'an execution is inside its request');
    }
  });
}

test('the admin listener of a composed host shows every documented family', async (t) => {
  const host = await startComposed(t);
  const admin = /http:\S+/.exec(await host.line(/the admin listener is at/))?.[0] ?? '';
  await send(`${host.url}/drive`);
  const scrape = await send(`${admin}/metrics`);
  assert.equal(scrape.status, 200);
  for (const family of Object.keys(DERIVATIONS)) {
    assert.ok(familiesOf(scrape.body).includes(family), family);
  }
  assert.match(requestId(scrape), /^[0-9a-f]{16}$/);
});

test('stop takes agent-otel out of a composed host, which then ends by itself', async (t) => {
  const host = await startComposed(t, 'ends');
  assert.match(requestId(await send(`${host.url}/ok`)), /^[0-9a-f]{16}$/);
  await send(`${host.url}/stop`);
  assert.deepEqual(await host.ended, { code: 0, signal: null });
});

test('after stop nothing of a composed host is followed any more', async (t) => {
  const host = await startComposed(t);
  await send(`${host.url}/stop`);
  const answer = await send(`${host.url}/metrics`);
  assert.equal(answer.body, '"ok"');
  assert.equal(requestId(answer), '');
});

test('a host that composes under the preload has one line for each request', async (t) => {
  const host = await startHost(t, { args: [fixture('composed.js')] });
  await host.line(/start does nothing/);
  const id = requestId(await send(`${host.url}/ok`));
  await host.line(new RegExp(`id=${id} method=GET path=/ok status=200`));
  const lines = host.lines().filter((line) => line.includes('path=/ok'));
  assert.equal(lines.length, 1);
});
