import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from './wait.js';

const BUILD = fileURLToPath(new URL('../../', import.meta.url));
const READY_MS = 15_000;

/** One example server that is to run under the preload. */
export interface ServerPlan {
  /** Name of the log file and in what is printed. */
  readonly name: string;
  readonly example: 'wasmrun' | 'ash' | 'arbiter';
  readonly port: number;
  readonly adminPort: number;
  readonly args: readonly string[];
  /** A documented path that answers once the server is up, with the headers it wants. */
  readonly probe: { readonly path: string; readonly headers?: Record<string, string> };
}

export interface RunningServer {
  readonly plan: ServerPlan;
  readonly url: string;
  /** Where its standard output and error go. */
  readonly logFile: string;
  readonly ended: Promise<unknown>;
  stop(): void;
}

/** Starts a server and waits until it answers. Rejects, naming its log, when it does not. */
export async function startServer(plan: ServerPlan): Promise<RunningServer> {
  // Somebody else's answer on the port would pass for the server's.
  await assertFree(plan.port);
  const logFile = path.join(BUILD, 'logs', `${plan.name}.log`);
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child: ChildProcess = spawn(
    process.execPath,
    [path.join(BUILD, 'examples', 'serve.js'), plan.example, ...plan.args],
    {
      // Ctrl-C reaches this process alone, which then ends the servers in its own order.
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        PORT: String(plan.port),
        OTEL_EXPORTER_PROMETHEUS_PORT: String(plan.adminPort),
      },
    },
  );
  const ended = once(child, 'exit');
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const url = `http://127.0.0.1:${plan.port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await answers(`${url}${plan.probe.path}`, plan.probe.headers))) {
    if (!running() || Date.now() > deadline) {
      child.kill();
      throw new Error(`${plan.name} does not answer on port ${plan.port}; see ${logFile}`);
    }
    await pause(50);
  }
  if (!running()) {
    throw new Error(
      `${plan.name} ended: something else answers on port ${plan.port}; see ${logFile}`,
    );
  }
  return { plan, url, logFile, ended, stop: () => child.kill() };
}

async function assertFree(port: number): Promise<void> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    throw new Error(`port ${port} is taken: something else listens there`);
  }
  probe.close();
  await once(probe, 'close');
}

async function answers(url: string, headers: Record<string, string> = {}): Promise<boolean> {
  try {
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
