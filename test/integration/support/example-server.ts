import type { TestContext } from 'node:test';
import { ROOT } from '../../support/paths.js';
import { startProgram, type Program } from './processes.js';

export type ExampleName = 'wasmrun' | 'ash' | 'arbiter';
/** The same server without a telemetry call. */
export type TwinName = `twins/${ExampleName}`;

/** What `npm run -s serve:NAME` runs once it has built. */
export const SERVE = `${ROOT}build/examples/serve.js`;

/** An example server as `npm run -s serve:NAME` serves it, on free ports. */
export interface ExampleServer extends Program {
  readonly url: string;
  /** The admin listener. */
  readonly adminUrl: string;
  /** The whole lines of both outputs. */
  lines(): string[];
}

export async function startExample(
  t: Pick<TestContext, 'after'>,
  name: ExampleName | TwinName,
  {
    args = [],
    env = {},
  }: {
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<ExampleServer> {
  const program = startProgram(t, {
    command: process.execPath,
    args: [SERVE, name, ...args],
    env: {
      PORT: '0',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      // The admin listener says where it is at this level.
      AGENT_OTEL_LOG_LEVEL: 'info',
      ...env,
    },
  });
  const [url, adminUrl] = await Promise.all([
    program.says(/listening\W.*(http:\/\/127\.0\.0\.1:\d+)/),
    program.says(/admin listener is at (http:\/\/127\.0\.0\.1:\d+)/),
  ]);
  return { ...program, url, adminUrl, lines: () => program.merged().split('\n').slice(0, -1) };
}
