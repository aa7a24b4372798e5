import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { BREAKER_RESET_MS, driveArbiter } from '../../../examples/start/drive-arbiter.js';
import { driveAsh } from '../../../examples/start/drive-ash.js';
import { driveWasmrun } from '../../../examples/start/drive-wasmrun.js';
import type { Watched } from '../../integration/support/driven.js';
import {
  startExample,
  type ExampleName,
  type ExampleServer,
} from '../../integration/support/example-server.js';
import { startOtlpReceiver } from '../../support/otlp-receiver.js';
import { collectorFolder, freePorts, startCollector, type Collector } from './collector.js';

interface Example {
  readonly name: ExampleName;
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly protocol: 'http/protobuf' | 'grpc';
  readonly drive: (url: string, watched: Watched) => Promise<void>;
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'wasmrun',
    path: '/api/v1/metrics',
    args: ['--clean-interval-ms', '500'],
    env: { AGENT_OTEL_VERBOSE: 'true' },
    protocol: 'http/protobuf',
    drive: driveWasmrun,
  },
  {
    name: 'ash',
    path: '/metrics',
    args: ['--max-sandboxes', '8'],
    env: { AGENT_OTEL_ACCESS_LOG: 'json', AGENT_OTEL_VERBOSE: 'true', ASH_DEBUG_TIMING: '1' },
    protocol: 'http/protobuf',
    drive: (url, watched) => driveAsh(url, { ...watched, capacity: 8 }),
  },
  {
    name: 'arbiter',
    path: '/v1/metrics',
    args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
    env: { AGENT_OTEL_ACCESS_LOG: 'json' },
    protocol: 'grpc',
    drive: driveArbiter,
  },
];

/** An example server that pushes, is scraped and whose lines are read. */
export interface Running extends Example {
  readonly server: ExampleServer;
  readonly page: string;
}

/**
 * Starts the servers and the Collector between them. The servers go first, because the
 * Collector is told where they are; they push to it anyway.
 */
export async function startAll(
  t: TestContext,
  binary: string,
): Promise<{ collector: Collector; running: Running[]; next: string[] }> {
  const ports = await freePorts();
  const folder = collectorFolder(t);
  const next = await startOtlpReceiver(t);
  const running = await Promise.all(
    EXAMPLES.map(async (example): Promise<Running> => {
      const { name, args, env, protocol } = example;
      const port = protocol === 'grpc' ? ports.grpc : ports.http;
      const server = await startExample(t, name, {
        args,
        env: {
          ...env,
          OTEL_SERVICE_NAME: name,
          OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${name}-1`,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
          OTEL_METRIC_EXPORT_INTERVAL: '400',
          OTEL_BSP_SCHEDULE_DELAY: '100',
          OTEL_BLRP_SCHEDULE_DELAY: '100',
        },
      });
      server.child.stderr?.pipe(createWriteStream(path.join(folder, 'logs', `${name}.log`)));
      return { ...example, server, page: `${server.url}${example.path}` };
    }),
  );
  const targets = running.map(({ name, server }) => [
    `COLLECTOR_${name.toUpperCase()}`,
    new URL(server.url).host,
  ]);
  const collector = await startCollector(t, {
    binary,
    configuration: 'agent',
    ports,
    folder,
    env: { ...(Object.fromEntries(targets) as object), COLLECTOR_NEXT: next.url },
  });
  return {
    collector,
    running,
    get next() {
      return next.requests.map(({ path: signal }) => signal);
    },
  };
}
