import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { PRELOAD, ROOT } from './paths.js';
import { waitFor } from './wait.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own. */
export interface Host {
  readonly child: ChildProcess;
  /** `http://127.0.0.1:PORT` of the server, from the last number of its first stdout line. */
  readonly url: string;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  /** The whole lines of standard error so far. */
  lines(): string[];
  /** The first line of standard error that matches, as soon as it is there. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ending>;
  /** Ends it by a signal, SIGTERM unless another is given, and says how it ended. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

export interface HostOptions {
  /** Its Node; the one that runs the test when absent. */
  readonly node?: string | undefined;
  /** The script and its arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Flags of Node itself; the preload alone when absent. */
  readonly nodeArgs?: readonly string[];
  /** Whether it prints the port it listens on; true when absent. */
  readonly listens?: boolean;
}

/** The environment without what the machine's user may have set for telemetry. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(OTEL_|AGENT_OTEL_|ASH_DEBUG_TIMING|NODE_OPTIONS|NODE_TEST_CONTEXT|PORT$)/.test(name),
    ),
  );
}

/**
 * Starts a host under the preload, with the admin listener on a free port, and ends it
 * with the test. Variables given as undefined are left out.
 */
export async function startHost(t: TestContext, options: HostOptions): Promise<Host> {
  const { args, env = {}, nodeArgs = ['--require', PRELOAD], listens = true } = options;
  const { node = process.execPath } = options;
  const child = spawn(node, [...nodeArgs, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), PORT: '0', OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]): Ending => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  let isOver = false;
  void ended.then(() => (isOver = true));
  const portOf = (): string | undefined => {
    const port = /^.*?(\d+)[^\d\n]*\n/.exec(stdout)?.[1];
    if (port === undefined && isOver) throw new Error(`${args.join(' ')} ended: ${stderr}`);
    return port;
  };
  const port = listens
    ? await waitFor(portOf, { what: `the port of ${args.join(' ')}`, timeoutMs: 30_000 })
    : '0';
  const lines = (): string[] => stderr.split('\n').slice(0, -1);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    stdout: () => stdout,
    stderr: () => stderr,
    lines,
    line: (pattern) =>
      waitFor(() => lines().find((line) => pattern.test(line)), {
        what: `a line like ${String(pattern)} in: ${stderr}`,
      }),
    ended,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
