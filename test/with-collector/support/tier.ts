import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Did } from '../../integration/support/tenant-host.js';
import { startHost, type Host } from '../../support/host.js';
import { startOtlpReceiver, type OtlpReceiver } from '../../support/otlp-receiver.js';
import { ROOT } from '../../support/paths.js';
import { collectorFolder, freePorts, startCollector, type Collector } from './collector.js';

/** Two gateway-agents in front of two gateways. */
export interface Tier {
  readonly agents: readonly [Collector, Collector];
  /** Those that run now: one that was started again stands in its place. */
  readonly gateways: [Collector, Collector];
  /** What each gateway passes its spans on to. */
  readonly stores: readonly [OtlpReceiver, OtlpReceiver];
  /** Kills the first gateway and starts it again where it was. */
  replaceGateway(): Promise<void>;
}

export async function startTier(t: TestContext, binary: string): Promise<Tier> {
  const stores = [await startOtlpReceiver(t), await startOtlpReceiver(t)] as const;
  const ports = [await freePorts(), await freePorts()] as const;
  const startGateway = (index: 0 | 1): Promise<Collector> =>
    startCollector(t, {
      binary,
      configuration: 'gateway',
      ports: ports[index],
      folder: collectorFolder(t),
      env: { COLLECTOR_STORE: stores[index].url },
    });
  const startAgent = async (): Promise<Collector> =>
    startCollector(t, {
      binary,
      configuration: 'gateway-agent',
      ports: await freePorts(),
      folder: collectorFolder(t),
      env: {
        COLLECTOR_GATEWAYS: `[127.0.0.1:${ports[0].grpc}, 127.0.0.1:${ports[1].grpc}]`,
      },
    });
  const gateways: [Collector, Collector] = [await startGateway(0), await startGateway(1)];
  return {
    agents: [await startAgent(), await startAgent()],
    gateways,
    stores,
    async replaceGateway() {
      await gateways[0].stop('SIGKILL');
      gateways[0] = await startGateway(0);
    },
  };
}

/** A host that has served requests of many tenants. */
export interface TenantHost {
  readonly instance: string;
  readonly host: Host;
  readonly adminUrl: string;
  /** What it counted itself, apart from all telemetry. */
  readonly did: Did;
}

/** Starts a host that pushes to an agent, or to whatever else takes OTLP. */
export async function startTenants(
  t: TestContext,
  options: {
    readonly instance: string;
    readonly tenants: number;
    readonly agent: { readonly url: string };
    readonly everyMs: number;
  },
): Promise<TenantHost> {
  const { instance, tenants, agent, everyMs } = options;
  const host = await startHost(t, {
    args: [`${ROOT}build/test/integration/fixtures/tenant-load.js`, String(tenants)],
    env: {
      AGENT_OTEL_LOG_LEVEL: 'info',
      AGENT_OTEL_ACCESS_LOG: 'off',
      OTEL_SERVICE_NAME: 'tenants',
      OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${instance}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: agent.url,
      OTEL_METRIC_EXPORT_INTERVAL: String(everyMs),
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  const adminUrl = /http:\S+/.exec(await host.line(/admin listener is at/))?.[0];
  assert.ok(adminUrl);
  return { instance, host, adminUrl, did: (await (await fetch(host.url)).json()) as Did };
}
