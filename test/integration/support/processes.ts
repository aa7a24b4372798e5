import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { cleanEnvironment } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';
import { waitFor } from '../../support/wait.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program, together with the processes that it starts. */
export interface Program {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Standard output and standard error in the order in which they arrived here. */
  merged(): string;
  /** The first group of a pattern in what it has written, as soon as it is there. */
  says(pattern: RegExp): Promise<string>;
  /** Settles when it has ended and nobody holds its output open any more. */
  readonly ended: Promise<Ending>;
  /** Whether it, or a process that it started, is still there. */
  alive(): boolean;
  /** Sends the signal to the program alone, as an operator does. */
  stop(signal?: NodeJS.Signals): Promise<Ending>;
}

/**
 * Starts a program in a process group of its own, whose rest ends with the test. The
 * environment is the machine's without its telemetry, and `env` on top.
 */
export function startProgram(
  t: Pick<TestContext, 'after'>,
  {
    command,
    args,
    env = {},
  }: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string | undefined>>;
  },
): Program {
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), UPSTREAM_URL: undefined, UPSTREAM_PORT: undefined, ...env },
  });
  const written = { stdout: '', stderr: '', merged: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
      written.merged += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Ending => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  const signalGroup = (signal: NodeJS.Signals): boolean => {
    try {
      return child.pid !== undefined && process.kill(-child.pid, signal);
    } catch {
      return false;
    }
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> => {
    child.kill(signal);
    return ended;
  };
  t.after(async () => {
    const deadline = setTimeout(() => signalGroup('SIGKILL'), 5_000);
    await stop();
    clearTimeout(deadline);
    signalGroup('SIGKILL');
  });
  return {
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    merged: () => written.merged,
    says: (pattern) =>
      waitFor(() => pattern.exec(written.merged)?.[1], {
        what: `${String(pattern)} from ${command} ${args.join(' ')}, which wrote: ${written.merged}`,
        timeoutMs: 20_000,
      }),
    ended,
    alive() {
      // One that has ended counts as gone although nobody has collected its status yet.
      const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,stat='], { encoding: 'utf8' });
      return new RegExp(`^ *${child.pid ?? 0} +[^Z\\s]`, 'm').test(stdout);
    },
    stop,
  };
}
