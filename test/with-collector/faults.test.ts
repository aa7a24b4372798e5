/** The Collector is away, slow or refuses: the host does not feel it, and nothing counted is lost. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { scrape, type Scrape } from '../integration/support/exposition.js';
import { differences } from '../integration/support/otlp-mapping.js';
import { startHost, type Host } from '../support/host.js';
import type { OtlpPoint, OtlpSpan } from '../support/otlp-decode.js';
import { startOtlpReceiver, type Answer } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import {
  collectorBinary,
  collectorFolder,
  freePorts,
  startCollector,
  type Collector,
} from './support/collector.js';
import { load, residentMegabytes, type Latency } from './support/load.js';
import { freshPoints, isPushed, latest } from './support/points.js';
import { readTelemetry } from './support/telemetry-file.js';

const REQUESTS = 2_500;
const ROUNDS = 6;
/** Heap and buffers settle in the first rounds; a queue without a bound grows in each. */
const MOST_GROWTH_MB = 48;

interface LoadedHost {
  readonly host: Host;
  readonly adminUrl: string;
}

async function startLoaded(t: TestContext, endpoint: string | undefined): Promise<LoadedHost> {
  const host = await startHost(t, {
    args: [fixture('traced.js')],
    env: {
      AGENT_OTEL_LOG_LEVEL: 'info',
      AGENT_OTEL_ACCESS_LOG: 'off',
      OTEL_SERVICE_NAME: 'host',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '300',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  const adminUrl = /http:\S+/.exec(await host.line(/admin listener is at/))?.[0];
  assert.ok(adminUrl);
  return { host, adminUrl };
}

const show = ({ median, p99 }: Latency): string =>
  `median ${median.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;

/**
 * Rounds of load, between which `fault` may do something; memory and latency stay bounded. A host
 * that exports nothing has the same load at the same time: what else runs on the machine slows
 * both.
 */
async function assertUndisturbed(
  t: TestContext,
  { host }: LoadedHost,
  fault: (round: number) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { host: other } = await startLoaded(t, undefined);
  const { pid = 0 } = host.child;
  const megabytes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [latency, without] = await Promise.all([
      load(`${host.url}/exec`, REQUESTS),
      load(`${other.url}/exec`, REQUESTS),
      fault(round),
    ]);
    const said = `${show(latency)}; without exports ${show(without)}`;
    t.diagnostic(`round ${round}: ${said}`);
    assert.ok(latency.median <= 1.5 * without.median + 2, said);
    megabytes.push(residentMegabytes(pid));
  }
  await other.stop();
  t.diagnostic(`MB after each round: ${megabytes.map((value) => value.toFixed(0)).join(', ')}`);
  const growth = (megabytes.at(-1) ?? 0) - (megabytes[1] ?? 0);
  assert.ok(growth < MOST_GROWTH_MB, `grew by ${growth.toFixed(0)} MB`);
}

async function documentedPages({ adminUrl }: LoadedHost): Promise<Scrape[]> {
  return Promise.all(['/api/v1/metrics', '/v1/metrics'].map((path) => scrape(adminUrl + path)));
}

function assertWhole(pages: readonly Scrape[], points: readonly OtlpPoint[]): void {
  for (const page of pages) assert.deepEqual(differences(page, points), []);
  const executed = pages[0]?.value('wasmrun_agent_exec_total{result="success"}') ?? 0;
  assert.ok(executed >= ROUNDS * REQUESTS, `${executed} executions`);
}

async function assertRecovered(running: LoadedHost, collector: Collector): Promise<void> {
  const pages = await documentedPages(running);
  const [points = []] = await freshPoints(collector.file, isPushed);
  assertWhole(pages, points);
  const { headers } = await fetch(`${running.host.url}/exec`);
  const id = headers.get('x-request-id');
  await waitFor(() => readTelemetry(collector.file).spans.some(({ spanId }) => spanId === id), {
    what: 'the span of a request after the recovery',
    timeoutMs: 20_000,
  });
}

async function prepareCollector(t: TestContext): Promise<
  | {
      readonly url: string;
      readonly start: () => Promise<Collector>;
    }
  | undefined
> {
  const binary = collectorBinary(t);
  if (binary === undefined) return undefined;
  const ports = await freePorts();
  const next = await startOtlpReceiver(t);
  return {
    url: `http://127.0.0.1:${ports.http}`,
    start: () =>
      startCollector(t, {
        binary,
        configuration: 'agent',
        ports,
        folder: collectorFolder(t),
        env: { COLLECTOR_NEXT: next.url },
      }),
  };
}

test('the Collector is down when the host starts, and comes later', async (t) => {
  const prepared = await prepareCollector(t);
  if (prepared === undefined) return;
  const running = await startLoaded(t, prepared.url);
  await assertUndisturbed(t, running);
  await assertRecovered(running, await prepared.start());
});

test('the Collector goes down under load and comes back', async (t) => {
  const prepared = await prepareCollector(t);
  if (prepared === undefined) return;
  let collector = await prepared.start();
  const running = await startLoaded(t, prepared.url);
  await assertUndisturbed(t, running, async (round) => {
    if (round === 1) await collector.stop('SIGKILL');
    if (round === 4) collector = await prepared.start();
  });
  await assertRecovered(running, collector);
});

const ANSWERS: Readonly<Record<string, Answer>> = {
  'answers after three seconds': { with: 'success', afterMs: 3_000 },
  'refuses with 503 and retry-after': { with: 'unavailable', retryAfterSeconds: 1 },
  'never answers': { with: 'nothing' },
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  test(`the endpoint ${what}, and then answers`, async (t) => {
    const receiver = await startOtlpReceiver(t, { answer });
    const running = await startLoaded(t, receiver.url);
    await assertUndisturbed(t, running);
    receiver.answer({ with: 'success' });

    const pages = await documentedPages(running);
    const since = Date.now() * 1e6;
    const points = await waitFor(
      () => {
        const fresh = receiver.lastPoints().filter(({ timeNanos }) => timeNanos > since);
        return fresh.length > 0 && latest(fresh);
      },
      { what: 'an accepted export', timeoutMs: 60_000 },
    );
    assertWhole(pages, points);
  });
}

test('what was refused with 503 is sent again when retry-after says', async (t) => {
  const answer: Answer = { with: 'unavailable', retryAfterSeconds: 2 };
  const receiver = await startOtlpReceiver(t, { answer });
  const { host } = await startLoaded(t, receiver.url);
  const { headers } = await fetch(`${host.url}/exec`);
  const isWanted = ({ spanId }: OtlpSpan): boolean => spanId === headers.get('x-request-id');
  const sent = (): number => receiver.requests.filter(({ spans }) => spans.some(isWanted)).length;
  await waitFor(() => sent() > 0, { what: 'the first attempt' });
  const refusedAt = performance.now();
  receiver.answer({ with: 'success' });
  await receiver.span(isWanted, 'the refused span');
  const waited = performance.now() - refusedAt;
  assert.ok(waited > 1_500, `sent again after ${waited.toFixed(0)} ms`);
  assert.equal(sent(), 2);
});
