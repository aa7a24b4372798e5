import type { Runtime } from './runtime.js';
import type { PoolReading } from './sandbox-registry.js';

/**
 * Reads a pool each of whose sandboxes serves one session at a time: of those that are up and
 * idle, as many are `waiting` as sessions have one, the others are `warm` spares; and for each
 * session that has lost its own there is a `cold` one.
 */
export function readSandboxesOfSessions({ sandboxes, sessions }: Runtime): PoolReading {
  const { warming, warm, running, waiting } = sandboxes.counts();
  const { held, lost } = sessions.sandboxes();
  const idle = warm + waiting;
  const taken = Math.min(Math.max(held - running, 0), idle);
  return { cold: lost, warming, warm: idle - taken, waiting: taken, running };
}
