import type { TestContext } from 'node:test';
import {
  startProviderServer,
  type Plan,
  type ProviderServer,
} from '../../fixtures/providers/server.js';
import { startHost, type Host, type HostOptions } from '../../support/host.js';
import type { OtlpSpan } from '../../support/otlp-decode.js';
import { startOtlpReceiver, type OtlpReceiver } from '../../support/otlp-receiver.js';
import { fixture, PRELOAD } from '../../support/paths.js';
import { waitFor } from '../../support/wait.js';
import { requestId, send } from './client.js';
import { readSamples } from './exposition.js';

/** What arbiter's document counts of one provider. */
export interface Counts {
  calls?: number;
  retries?: number;
  '5xx'?: number;
  '429'?: number;
  circuit_open?: number;
}

/** What one request to the host did. */
export interface Outcome {
  /** What the scenario gave, as the host answered it. */
  readonly result: unknown;
  /** What it added to arbiter's families, by provider; zeros are left out. */
  readonly counts: Readonly<Record<string, Counts>>;
  /** The CLIENT spans below its server span. */
  readonly spans: readonly OtlpSpan[];
}

export interface ProviderHost {
  readonly host: Host;
  readonly server: ProviderServer;
  readonly receiver: OtlpReceiver;
  /** Runs a scenario, with the treatment that its attempts get, and waits for its spans. */
  readonly run: (
    scenario: string,
    options?: { plan?: readonly Plan[]; spans?: number },
  ) => Promise<Outcome>;
}

/** Starts the providers' stand-in, a receiver of telemetry and a host that knows of neither. */
export async function startProviderHost(
  t: TestContext,
  { over, ...options }: Partial<HostOptions> & { over?: 'http1' | 'http2' } = {},
): Promise<ProviderHost> {
  const server = await startProviderServer(over);
  t.after(() => {
    server.close();
  });
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('providers/host.js')],
    nodeArgs: ['--require', PRELOAD],
    ...options,
    env: {
      PROVIDER_URL: server.url,
      AGENT_OTEL_INLINE: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      ...options.env,
    },
  });
  return {
    host,
    server,
    receiver,
    run: async (scenario, { plan = [], spans: expected = 1 } = {}) => {
      server.plan.splice(0, Infinity, ...plan);
      const before = await countsOf(host);
      const answer = await send(`${host.url}/${encodeURIComponent(scenario)}`);
      if (answer.status !== 200) throw new Error(`${scenario}: ${answer.body}`);
      const spans = await waitFor(
        () => {
          const own = receiver.spans().filter(isCall(requestId(answer)));
          return own.length >= expected && own;
        },
        { what: `${expected} spans of ${scenario}` },
      );
      const counts = difference(before, await countsOf(host));
      return { result: JSON.parse(answer.body) as unknown, counts, spans };
    },
  };
}

const isCall =
  (parent: string) =>
  ({ kind, parentSpanId }: OtlpSpan): boolean =>
    kind === 'CLIENT' && parentSpanId === parent;

async function countsOf({ url }: Host): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of readSamples((await send(`${url}/v1/metrics`)).body)) {
    const family = /^arbiter_provider_(.*)_total$/.exec(name)?.[1];
    if (family !== undefined) counts.set(`${labels['provider'] ?? ''} ${family}`, value);
  }
  return counts;
}

function difference(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Record<string, Counts> {
  const counts: Record<string, Counts> = {};
  for (const [key, value] of after) {
    const [provider = '', family = ''] = key.split(' ');
    const added = value - (before.get(key) ?? 0);
    if (added !== 0) counts[provider] = { ...counts[provider], [family]: added };
  }
  return counts;
}

/** The same host without telemetry: what its scenarios give. */
export async function startPlainHost(
  t: TestContext,
): Promise<(scenario: string, plan?: readonly Plan[]) => Promise<unknown>> {
  const server = await startProviderServer();
  t.after(() => {
    server.close();
  });
  const args = [fixture('providers/host.js')];
  const { url } = await startHost(t, { args, nodeArgs: [], env: { PROVIDER_URL: server.url } });
  return async (scenario, plan = []) => {
    server.plan.splice(0, Infinity, ...plan);
    return JSON.parse((await send(`${url}/${encodeURIComponent(scenario)}`)).body) as unknown;
  };
}
