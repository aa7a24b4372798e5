import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';

/** The core of what is measured, and the one of everything else. */
export const SUBJECT_CORE = 0;
const OTHER_CORE = 1;

/** @param {string} program */
export const isInstalled = (program) =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

const canPin = os.availableParallelism() > 1 && isInstalled('taskset');

/**
 * A command that runs on one core, where there are two and a program that pins.
 * @param {readonly string[]} command
 * @returns {[string, string[]]}
 */
export function onSubjectCore([program, ...args]) {
  return canPin ? ['taskset', ['-c', String(SUBJECT_CORE), program, ...args]] : [program, args];
}

/** Keeps this process, and what it starts without a core of its own, off the subject's core. */
export function leaveSubjectCore() {
  if (!canPin) return;
  spawnSync('taskset', ['-a', '-p', '-c', String(OTHER_CORE), String(process.pid)]);
}

/** A port that nobody listens on now. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** What figures depend on, without naming a place. */
export function describeMachine() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release().split('-')[0]}`,
    node: process.version,
    pinned: canPin,
    load: isInstalled('wrk') ? 'wrk' : 'autocannon',
  };
}
