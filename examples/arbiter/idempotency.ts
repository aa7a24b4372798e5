import { createHash } from 'node:crypto';
import type { Run } from './run.js';

const MAX_ENTRIES = 1_000;
const TTL_MS = 10 * 60_000;

/** What names a run: the tenant's key, and a hash of what was asked. */
export interface RunName {
  readonly tenant: string;
  readonly key: string;
  readonly fingerprint: string;
}

interface Entry {
  readonly run: Run;
  readonly fingerprint: string;
  readonly expiresAt: number;
}

/** A hash of the request, so that a key used for something else is told apart. */
export function fingerprintOf(path: string, body: Buffer): string {
  return createHash('sha256').update(path).update('\n').update(body).digest('base64');
}

/** Runs by `Idempotency-Key`, for each tenant apart: the latest thousand, for ten minutes. */
export class IdempotencyCache {
  // A Map keeps the order of insertion, and every entry lives equally long: the first is the oldest.
  readonly #entries = new Map<string, Entry>();

  /** The earlier run, `conflict` if the key was used for another request, or nothing. */
  find({ tenant, key, fingerprint }: RunName): Run | 'conflict' | undefined {
    const entry = this.#entries.get(cacheKey(tenant, key));
    if (entry === undefined || entry.expiresAt <= performance.now()) return undefined;
    return entry.fingerprint === fingerprint ? entry.run : 'conflict';
  }

  remember({ tenant, key, fingerprint }: RunName, run: Run): void {
    const now = performance.now();
    this.#entries.delete(cacheKey(tenant, key));
    this.#entries.set(cacheKey(tenant, key), { run, fingerprint, expiresAt: now + TTL_MS });
    for (const [oldest, { expiresAt }] of this.#entries) {
      if (this.#entries.size <= MAX_ENTRIES && expiresAt > now) break;
      this.#entries.delete(oldest);
    }
  }

  /** A run that was cut short answers nobody: the next request with its key runs anew. */
  forget({ tenant, key }: RunName, run: Run): void {
    const cached = cacheKey(tenant, key);
    if (this.#entries.get(cached)?.run === run) this.#entries.delete(cached);
  }
}

function cacheKey(tenant: string, key: string): string {
  return `${tenant}:${key}`;
}
