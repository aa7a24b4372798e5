/** agent.yaml beside the three example servers: what they push, show and write comes through. */
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { driveAndCheck } from '../integration/support/driven.js';
import type { ExampleServer } from '../integration/support/example-server.js';
import { scrape, type Scrape } from '../integration/support/exposition.js';
import { differences } from '../integration/support/otlp-mapping.js';
import type { OtlpPoint, OtlpSpan } from '../support/otlp-decode.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { waitFor } from '../support/wait.js';
import {
  collectorBinary,
  collectorFolder,
  freePorts,
  startCollector,
  type Collector,
} from './support/collector.js';
import { startAll, type Running } from './support/examples.js';
import { freshPoints, isPushed, isScraped, scrapedDifferences } from './support/points.js';
import { readTelemetry, type LogRecord } from './support/telemetry-file.js';

/** Compares in one moment of quiet: the page stays the same while both copies are taken. */
async function assertMetrics(t: TestContext, collector: Collector, one: Running): Promise<void> {
  const isOurs = ({ resource }: OtlpPoint): boolean => resource['service.name'] === one.name;
  const samePage = (page: Scrape): string => page.text.replace(/^ash_uptime_seconds .*$/m, '');
  const { page, pushed, scraped } = await waitFor(
    async () => {
      const before = await scrape(one.page);
      const [pushed = [], scraped = []] = await freshPoints(
        collector.file,
        (point) => isOurs(point) && isPushed(point),
        (point) => isOurs(point) && isScraped(point),
      );
      const after = await scrape(one.page);
      return samePage(before) === samePage(after) && { page: before, pushed, scraped };
    },
    { what: `quiet in ${one.name}`, timeoutMs: 30_000 },
  );
  assert.deepEqual(differences(page, pushed), []);
  assert.deepEqual(scrapedDifferences(page, scraped), []);
  const samples = page.families.flatMap((family) => family.samples).length;
  t.diagnostic(`${one.name}: ${samples} samples equal three times`);
}

const isAgents = ({ scope }: OtlpSpan): boolean => scope.name === 'agent-otel';

function assertParents(spans: readonly OtlpSpan[]): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const { name, parentSpanId, traceId } of spans.filter(isAgents)) {
    if (parentSpanId === '') continue;
    const parent = byId.get(parentSpanId);
    assert.ok(parent, `${name} has a parent`);
    assert.equal(parent.traceId, traceId, `${name} is in its parent's trace`);
  }
  for (const name of ['exec', 'session.message', 'session.resumed', 'sandbox.start', 'chat ']) {
    // A pool starts sandboxes on its own account as well.
    const ofRequest = spans.find((span) => span.name.startsWith(name) && span.parentSpanId !== '');
    const parent = byId.get(ofRequest?.parentSpanId ?? '');
    assert.equal(parent?.kind, 'SERVER', `${name} is a child of its request`);
  }
}

const PUSHED = ['agent.request.ended', 'agent.message.answered', 'agent.session.resumed'];

/**
 * What records of both origins say: a line of the kv format and those of timing and resume know
 * less of their ids, and round their milliseconds.
 */
function comparable(records: readonly LogRecord[]): string[] {
  return records.map(({ eventName, severity, attributes }) =>
    JSON.stringify([
      eventName,
      severity,
      Object.entries(attributes)
        .filter(([key]) => key !== 'log.file.name')
        .map(([key, value]) => [
          key,
          typeof value === 'number' ? Math.round(value * 100) / 100 : value,
        ])
        .sort(),
    ]),
  );
}

async function assertContained(
  expected: readonly string[],
  read: () => readonly string[],
): Promise<void> {
  assert.ok(expected.length > 10);
  const missing = (): string[] => {
    const found = new Set(read());
    return expected.filter((one) => !found.has(one));
  };
  await waitFor(() => missing().length === 0, { what: 'every record' }).catch(() => {
    assert.deepEqual(missing().slice(0, 3), []);
  });
}

test('agent.yaml carries three servers: spans, metrics twice, and their lines', async (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined) return;
  const all = await startAll(t, binary);
  const { collector, running } = all;
  await Promise.all(
    running.map(async ({ page, server, drive }) => {
      const failed = await driveAndCheck(page, (watched) => drive(server.url, watched));
      assert.deepEqual(failed, []);
    }),
  );

  for (const one of running) {
    await t.test(`${one.name}: pushed and scraped metrics are those of the page`, (t) =>
      assertMetrics(t, collector, one),
    );
  }

  const accessLines = (server: ExampleServer): string[] =>
    server
      .stderr()
      .split('\n')
      .filter((line) => /^ts=|^\{"ts":"[^"]+","id"/.test(line));
  const recordsOf = (name: string, event: string): LogRecord[] =>
    readTelemetry(collector.file).records.filter(
      ({ attributes, eventName }) =>
        attributes['log.file.name'] === `${name}.log` && eventName === event,
    );

  await t.test('spans have the parents that they were made with', async () => {
    // Whatever an access line names must be there: the batch of spans may come after it.
    await waitFor(
      () => {
        const { spans, records } = readTelemetry(collector.file);
        const ids = new Set(spans.map(({ spanId }) => spanId));
        const named = records.flatMap(({ spanId }) => (spanId === '' ? [] : [spanId]));
        return named.length > 0 && named.every((id) => ids.has(id));
      },
      { what: 'the spans of all records', timeoutMs: 20_000 },
    );
    assertParents(readTelemetry(collector.file).spans);
  });

  for (const { name, server } of running) {
    await t.test(`${name}: each access line is a record that names its span`, async (t) => {
      const expected = accessLines(server);
      assert.ok(expected.length > 10);
      const records = await waitFor(
        () => {
          const found = recordsOf(name, 'agent.request.ended');
          return found.length >= expected.length && found;
        },
        { what: `${expected.length} access records` },
      );
      assert.deepEqual(
        records.map(({ body }) => body).sort(),
        accessLines(server).slice(0, records.length).sort(),
      );
      // The batch of the spans may come after the lines: scrapes go on all the time.
      const spans = await waitFor(
        () => {
          const found = new Map(
            readTelemetry(collector.file).spans.map((span) => [span.spanId, span] as const),
          );
          return records.every(({ spanId }) => found.has(spanId)) && found;
        },
        { what: 'the spans of the access records' },
      );
      for (const record of records) {
        const span = spans.get(record.spanId);
        assert.ok(span, record.body);
        assert.equal(record.attributes['agent.request.id'], record.spanId);
        assert.equal(record.traceId, name === 'wasmrun' ? '' : span.traceId, record.body);
        for (const attribute of ['http.request.method', 'url.path', 'http.response.status_code']) {
          assert.equal(record.attributes[attribute], span.attributes[attribute], attribute);
        }
        assert.equal(record.attributes['agent.tenant.id'], span.attributes['agent.tenant.id']);
        // The line is written when the span ends, to the millisecond.
        assert.ok(Math.abs(record.timeNanos - span.endNanos) < 2e6, record.body);
        const status = Number(record.attributes['http.response.status_code']);
        const severity = status >= 500 ? 'ERROR' : status >= 400 ? 'WARN' : 'INFO';
        assert.equal(record.severity, severity);
      }
      t.diagnostic(`${records.length} records`);
    });
  }

  for (const { name, protocol } of running) {
    await t.test(
      `${name}: what it pushes over ${protocol} are the records of its lines`,
      async (t) => {
        const pushed = (): LogRecord[] =>
          readTelemetry(collector.file).records.filter(
            ({ attributes, resource }) =>
              resource['service.name'] === name && attributes['log.file.name'] === undefined,
          );
        const ofLines = (): LogRecord[] => PUSHED.flatMap((event) => recordsOf(name, event));
        // The Collector's own scrapes go on, so that there is always one that came on one way only.
        await assertContained(comparable(ofLines()), () => comparable(pushed()));
        await assertContained(comparable(pushed()), () => comparable(ofLines()));
        assert.ok(pushed().every(({ traceId, spanId }) => traceId.length === 32 && spanId !== ''));
        t.diagnostic(`${pushed().length} records`);
      },
    );
  }

  for (const name of ['wasmrun', 'ash']) {
    await t.test(`${name}: the received line comes before the access line of its id`, () => {
      const ended = new Map(
        recordsOf(name, 'agent.request.ended').map((record) => [record.spanId, record] as const),
      );
      const received = recordsOf(name, 'agent.request.received');
      assert.ok(received.length >= ended.size);
      for (const record of received) {
        assert.equal(record.severity, 'DEBUG');
        assert.match(String(record.attributes['url.original']), /^\//);
        assert.notEqual(record.timeNanos, 0);
        const method = ended.get(record.spanId)?.attributes['http.request.method'];
        assert.ok(method === undefined || method === record.attributes['http.request.method']);
      }
      assert.ok(received.some(({ spanId }) => ended.has(spanId)));
    });
  }

  await t.test('timing and resume lines are records with the attributes of their spans', () => {
    const { spans } = readTelemetry(collector.file);
    const timed = recordsOf('ash', 'agent.message.answered');
    assert.ok(timed.length > 0);
    for (const { attributes, body, timeNanos } of timed) {
      const span = spans.find(
        (one) =>
          one.name === 'session.message' &&
          one.attributes['agent.session.id'] === attributes['agent.session.id'] &&
          Math.abs(one.endNanos - timeNanos) < 5e6,
      );
      assert.ok(span, body);
      assert.equal(
        attributes['agent.message.event_count'],
        span.attributes['agent.message.event_count'],
      );
      assert.equal(attributes['agent.sandbox.id'], span.attributes['agent.sandbox.id']);
      const { totalMs } = JSON.parse(body) as { totalMs: number };
      assert.equal(attributes['agent.message.total_ms'], totalMs);
    }
    const resumed = recordsOf('ash', 'agent.session.resumed');
    assert.deepEqual(
      new Set(resumed.map(({ attributes }) => attributes['agent.session.resume.path'])),
      new Set(['warm', 'cold']),
    );
    assert.ok(resumed.every(({ attributes }) => attributes['gen_ai.agent.name'] !== undefined));
  });

  await t.test('everything goes on to the next tier', async () => {
    const signals = ['/v1/traces', '/v1/metrics', '/v1/logs'];
    await waitFor(() => signals.every((signal) => all.next.includes(signal)), {
      what: `${signals.join(', ')} at the next tier`,
    });
  });
});

test('a restarted Collector reads on where it had stopped, and leaves foreign lines alone', async (t) => {
  const binary = collectorBinary(t);
  if (binary === undefined) return;
  const folder = collectorFolder(t);
  const ports = await freePorts();
  const next = await startOtlpReceiver(t);
  const start = (): Promise<Collector> =>
    startCollector(t, {
      binary,
      configuration: 'agent',
      ports,
      folder,
      env: { COLLECTOR_NEXT: next.url },
    });
  const log = createWriteStream(path.join(folder, 'logs', 'host.log'));
  const line = (n: number): string =>
    `ts=2026-06-13T11:18:55.354+00:00 id=${String(n).padStart(16, '0')} method=GET path=/%20${n} ` +
    'status=200 dur_ms=4 tenant=a%3Db\n';
  const bodies = (file: string): string[] =>
    readTelemetry(file).records.map(({ body }) => `${body}\n`);
  const reads = (collector: Collector, count: number): Promise<unknown> =>
    waitFor(() => bodies(collector.file).length >= count, { what: `${count} lines` });

  const foreign = ['a word of the host\n', '{"level":30,"msg":"its JSON"}\n', '{"broken\n'];
  const first = await start();
  log.write(line(1));
  log.write(foreign.join(''));
  await reads(first, 4);
  await first.stop();
  log.write(line(2));
  const second = await start();
  log.write(line(3));
  await reads(second, 6);
  assert.deepEqual(bodies(second.file), [line(1), ...foreign, line(2), line(3)]);

  const [ours, ...others] = readTelemetry(second.file).records;
  assert.equal(ours?.timeNanos, Date.parse('2026-06-13T11:18:55.354Z') * 1e6);
  assert.equal(ours.attributes['url.path'], '/%201');
  assert.equal(ours.attributes['agent.tenant.id'], 'a%3Db');
  for (const record of others.slice(0, foreign.length)) {
    assert.deepEqual(record.attributes, { 'log.file.name': 'host.log' }, 'a foreign line');
    assert.deepEqual([record.eventName, record.severityNumber], ['', 0]);
  }
  log.end();
});
