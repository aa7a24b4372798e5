import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { cleanEnvironment, type Ending } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';
import { waitFor } from '../../support/wait.js';
import { PRELOADED, temporaryFolder } from './ending-host.js';

/** A host whose standard error is a FIFO that is read only when somebody asks. */
export interface FifoHost {
  readonly url: string;
  /** Reads what there is now, without waiting; returns everything read so far. */
  read(): string;
  readonly ended: Promise<Ending>;
  kill(signal: NodeJS.Signals): void;
}

export async function startFifoHost(
  t: TestContext,
  options: { args: readonly string[]; env?: Record<string, string> },
): Promise<FifoHost> {
  const fifo = path.join(temporaryFolder(t), 'stderr');
  spawnSync('mkfifo', [fifo]);
  // Open for reading first: opening the other end would wait for it.
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  const child = spawn(process.execPath, [...PRELOADED, ...options.args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', writer],
    env: { ...cleanEnvironment(), OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...options.env },
  });
  closeSync(writer);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = once(child, 'close').then(([code, signal]): Ending => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    closeSync(reader);
  });
  const port = await waitFor(() => /(\d+)\n/.exec(stdout)?.[1], { what: 'the port' });

  let text = '';
  const buffer = Buffer.alloc(1 << 16);
  return {
    url: `http://127.0.0.1:${port}`,
    ended,
    kill: (signal) => child.kill(signal),
    read() {
      for (;;) {
        try {
          const length = readSync(reader, buffer);
          if (length === 0) return text;
          text += buffer.toString('utf8', 0, length);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return text;
          throw error;
        }
      }
    },
  };
}
