/**
 * What the twins of the example servers are built with in the place of `agent-otel`: every
 * call hands on what it is given and does nothing else, so that what is left is the server.
 * It has keys of its own, because who may ask is the server's business.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as agentOtel from 'agent-otel';

const nothing = (): void => undefined;

const run = { truncated: nothing, end: nothing };
const call = { used: nothing };
const message = { located: nothing, eventSent: nothing, end: nothing };

export const exec = {
  run: (_options: unknown, fn: (handle: typeof run) => unknown) => fn(run),
  rejected: nothing,
};

export const session = {
  created: nothing,
  touched: nothing,
  paused: nothing,
  resumed: nothing,
  ended: nothing,
  message: () => message,
};

export const request = {
  identified: nothing,
  rateLimited: nothing,
  idempotencyLookedUp: nothing,
  run: (_options: unknown, fn: (handle: typeof run) => unknown) => fn(run),
};

export const provider = {
  attempt: (fn: () => unknown) => fn(),
  call: (_options: unknown, fn: (handle: typeof call) => unknown) => fn(call),
  circuitOpened: nothing,
};

export const sandbox = {
  start: (_options: unknown, fn: () => unknown) => fn(),
  rebuild: (_options: unknown, fn: () => unknown) => fn(),
  reaped: nothing,
  stopped: nothing,
  observePool: () => nothing,
};

/** Lines of `tenant:sha256-hex-of-key`. */
export function readApiKeys(file: string): agentOtel.ApiKeys {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const tenants = new Map(lines.map((line) => line.split(':').reverse() as [string, string]));
  return {
    tenantOf(authorization = '') {
      const [, key] = /^Bearer (.+)$/.exec(authorization) ?? [];
      return key && tenants.get(createHash('sha256').update(key).digest('hex'));
    },
  };
}
