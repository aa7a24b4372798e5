import type { TestContext } from 'node:test';
import { BREAKER_RESET_MS, driveArbiter } from '../../../examples/start/drive-arbiter.js';
import { driveAsh } from '../../../examples/start/drive-ash.js';
import { driveWasmrun } from '../../../examples/start/drive-wasmrun.js';
import { Watcher } from '../../../examples/start/samples.js';
import { Tally } from '../../../examples/start/tally.js';
import { startExample } from '../../integration/support/example-server.js';
import type { Watched } from '../../integration/support/driven.js';
import type { Prometheus } from '../../integration/support/prometheus.js';
import { startConfigured } from '../../prometheus/support/configured.js';
import { startHost } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';

const CAPACITY = 8;
const FEW_TENANTS = '3';

/** The servers of `npm start`, one that is in trouble, and a Prometheus that has seen it all. */
export async function startLoaded(
  t: TestContext,
): Promise<{ prometheus: Prometheus; load: () => Promise<void> }> {
  const [wasmrun, ash, arbiter, troubled] = await Promise.all([
    startExample(t, 'wasmrun', { args: ['--clean-interval-ms', '2000'] }),
    startExample(t, 'ash', {
      args: ['--max-sandboxes', String(CAPACITY)],
      env: { ASH_DEBUG_TIMING: '1' },
    }),
    startExample(t, 'arbiter', {
      args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
    }),
    startHost(t, {
      args: [`${ROOT}build/test/grafana/fixtures/troubled-host.js`],
      env: { AGENT_OTEL_TENANT_LIMIT: FEW_TENANTS, AGENT_OTEL_LOG_LEVEL: 'info' },
    }),
  ]);
  const troubledAdmin = /http:\S+/.exec(await troubled.line(/admin listener is at/))?.[0] ?? '';
  const prometheus = await startConfigured(t, {
    8430: [wasmrun.url],
    4100: [ash.url],
    8080: [arbiter.url],
    9464: [wasmrun.adminUrl],
    9465: [ash.adminUrl],
    9466: [arbiter.adminUrl, troubledAdmin],
  });
  return {
    prometheus,
    async load() {
      // A counter shows a rate once it was seen before it rises.
      await prometheus.scrapedAfter(Date.now());
      await Promise.all([
        watched(`${wasmrun.url}/api/v1/metrics`, (watch) => driveWasmrun(wasmrun.url, watch)),
        watched(`${ash.url}/metrics`, (watch) =>
          driveAsh(ash.url, { ...watch, capacity: CAPACITY }),
        ),
        watched(`${arbiter.url}/v1/metrics`, (watch) => driveArbiter(arbiter.url, watch)),
        ask(troubled.url),
      ]);
      // Series of tenants, routes, statuses and errors begin with their first observation:
      // once more, after it was scraped, is what a rate can show.
      await prometheus.scrapedAfter(Date.now());
      await Promise.all([
        ...times(5, () => ask(troubled.url)),
        ...times(5, () => askArbiter(arbiter.url, { tenant: 8, message: 'hello' })),
        ...times(3, () => askArbiter(arbiter.url, { tenant: 9, message: 'hello' })),
        ...times(2, () => askArbiter(arbiter.url, { tenant: 20, message: 'fail:5xx' })),
        keepWasmrunBusy(wasmrun.url),
        keepAshBusy(ash.url),
      ]);
    },
  };
}

/** Longer than the time between two scrapes, so that one of them sees it running. */
const BUSY_MS = 2500;

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

async function watched(page: string, drive: (watched: Watched) => Promise<void>): Promise<void> {
  const watcher = new Watcher(page);
  try {
    await drive({ watcher, tally: new Tally() });
  } finally {
    await watcher.stop();
  }
}

/** Asks and reads the answer to its end. */
async function ask(
  url: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<string> {
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  return (await fetch(url, init)).text();
}

function askArbiter(
  url: string,
  { tenant, message }: { tenant: number; message: string },
): Promise<string> {
  const authorization = `Bearer tenant-${tenant}-key`;
  return ask(`${url}/v1/orchestrate`, { message, provider: 'anthropic' }, { authorization });
}

async function keepWasmrunBusy(url: string): Promise<void> {
  const { id } = JSON.parse(await ask(`${url}/api/v1/sessions`, {})) as { id: string };
  await ask(`${url}/api/v1/sessions/${id}/exec`, { code: 'for (;;) {}', timeout_ms: BUSY_MS });
}

async function keepAshBusy(url: string): Promise<void> {
  const created = await ask(`${url}/api/sessions`, { agent: 'busy' });
  const { session } = JSON.parse(created) as { session: { id: string } };
  const content = `sleep:${BUSY_MS} and answer`;
  await ask(`${url}/api/sessions/${session.id}/messages`, { content });
}
