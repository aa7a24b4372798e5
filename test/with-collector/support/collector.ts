import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { startProgram, type Program } from '../../integration/support/processes.js';
import { alone } from '../../support/alone.js';
import { ROOT } from '../../support/paths.js';
import { waitFor } from '../../support/wait.js';

/** The configurations of otel-collector/. */
export const CONFIGURATIONS = ['agent', 'gateway-agent', 'gateway'] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

const NOT_THERE = 3;

await alone();

export function configurationFile(name: Configuration): string {
  return `${ROOT}otel-collector/${name}.yaml`;
}

/**
 * The binary that scripts/collector.mjs has built. Where there is none the test is skipped and
 * says how to get it: building takes minutes and needs Go and the network, which nobody expects
 * of a test. BUILD_COLLECTOR=1 (npm run test:collector) has it built where there is Go; with
 * REQUIRE_INTEGRATION=1 a machine that cannot fails.
 */
export function collectorBinary(t: TestContext): string | undefined {
  const required = process.env['REQUIRE_INTEGRATION'] === '1';
  const builds = process.env['BUILD_COLLECTOR'] === '1';
  const { status, stdout } = spawnSync(
    process.execPath,
    [`${ROOT}scripts/collector.mjs`, ...(required || builds ? [] : ['--no-build'])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (status === 0) return stdout.trim();
  if (required || status !== NOT_THERE) {
    throw new Error(`scripts/collector.mjs ended with ${status ?? 'a signal'}`);
  }
  t.skip('needs the Collector, which `node scripts/collector.mjs` builds with Go');
  return undefined;
}

/** Where a Collector listens. */
export interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly health: number;
  readonly telemetry: number;
  readonly prometheus: number;
  readonly documented: number;
}

/** Ports that are free now, all different. */
export async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 6 }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  const [grpc = 0, http = 0, health = 0, telemetry = 0, prometheus = 0, documented = 0] = ports;
  return { grpc, http, health, telemetry, prometheus, documented };
}

/** A folder for a Collector's files that goes with the test. */
export function collectorFolder(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-otel-collector-'));
  mkdirSync(path.join(folder, 'logs'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A running Collector. */
export interface Collector extends Program {
  readonly ports: Ports;
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP. */
  readonly url: string;
  /** What the file exporter of agent.yaml writes. */
  readonly file: string;
  /** The Prometheus pages of gateway.yaml. */
  readonly pages: { readonly pushed: string; readonly scraped: string };
  /** The page of the metrics that it keeps of itself. */
  readonly ownPage: string;
  /** The sum of one of the metrics that it keeps of itself. */
  own(metric: string): Promise<number>;
}

/** The environment by which the configurations are told where to listen and write. */
export function collectorEnvironment(ports: Ports, folder: string): Record<string, string> {
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    COLLECTOR_OTLP_GRPC: at(ports.grpc),
    COLLECTOR_OTLP_HTTP: at(ports.http),
    COLLECTOR_HEALTH: at(ports.health),
    COLLECTOR_TELEMETRY_PORT: String(ports.telemetry),
    COLLECTOR_PROMETHEUS: at(ports.prometheus),
    COLLECTOR_PROMETHEUS_DOCUMENTED: at(ports.documented),
    COLLECTOR_STORAGE: path.join(folder, 'storage'),
    COLLECTOR_FILE: path.join(folder, 'telemetry.jsonl'),
    COLLECTOR_LOGS: path.join(folder, 'logs', '*.log'),
    COLLECTOR_BATCH_TIMEOUT: '100ms',
    COLLECTOR_SCRAPE_INTERVAL: '500ms',
    COLLECTOR_SCRAPE_TIMEOUT: '500ms',
  };
}

/** Starts a Collector and waits until it is healthy; it ends with the test. */
export async function startCollector(
  t: Pick<TestContext, 'after'>,
  options: {
    readonly binary: string;
    readonly configuration: Configuration;
    readonly ports: Ports;
    readonly folder: string;
    readonly env?: Readonly<Record<string, string>>;
    /** A configuration on top of the one that is named. */
    readonly onTop?: string;
  },
): Promise<Collector> {
  const { binary, configuration, ports, folder, env = {}, onTop } = options;
  const program = startProgram(t, {
    command: binary,
    args: [
      ...['--config', configurationFile(configuration)],
      ...(onTop === undefined ? [] : ['--config', 'env:ON_TOP']),
    ],
    env: { ...collectorEnvironment(ports, folder), ON_TOP: onTop, ...env },
  });
  await waitFor(
    async () => {
      if (program.child.exitCode !== null) {
        throw new Error(`${configuration}.yaml did not start: ${program.stderr()}`);
      }
      return isHealthy(`http://127.0.0.1:${ports.health}/`);
    },
    { what: `${configuration}.yaml to be healthy`, timeoutMs: 60_000 },
  );
  const ownPage = `http://127.0.0.1:${ports.telemetry}/metrics`;
  return {
    ...program,
    ports,
    ownPage,
    url: `http://127.0.0.1:${ports.http}`,
    file: path.join(folder, 'telemetry.jsonl'),
    pages: {
      pushed: `http://127.0.0.1:${ports.prometheus}/metrics`,
      scraped: `http://127.0.0.1:${ports.documented}/metrics`,
    },
    async own(metric) {
      const page = await (await fetch(ownPage)).text();
      return [...page.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
