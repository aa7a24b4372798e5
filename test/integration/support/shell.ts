import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { cleanEnvironment } from '../../support/host.js';
import { ROOT } from '../../support/paths.js';

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs a command line as somebody would who copied it from a document. */
export async function sh(command: string, env: NodeJS.ProcessEnv = {}): Promise<ShellResult> {
  const child = spawn('sh', ['-c', command], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await closed) as [number | null];
  return { stdout, stderr, status };
}
