import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestContext } from 'node:test';
import { startHost, type Host } from '../../support/host.js';
import { fixture, PRELOAD } from '../../support/paths.js';
import { send } from './client.js';

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-otel-test-'));
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A CommonJS file that goes with the test. */
export function temporaryModule(t: TestContext, source: string): string {
  const file = path.join(temporaryFolder(t), 'module.cjs');
  writeFileSync(file, source);
  return file;
}

export const PRELOADED = ['--require', PRELOAD];

/** Starts the fixture `ending`, gives it some work and asks it to end. */
export async function workAndEnd(
  t: TestContext,
  options: {
    ending: string;
    requests?: number;
    nodeArgs?: readonly string[];
    env?: Record<string, string>;
  },
): Promise<Host> {
  const { ending, requests = 3, nodeArgs = PRELOADED, env = {} } = options;
  const host = await startHost(t, { args: [fixture('ending.js'), ending], nodeArgs, env });
  for (let i = 0; i < requests; i++) await send(`${host.url}/work`);
  await send(`${host.url}/end`);
  return host;
}
