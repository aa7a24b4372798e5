import { readFileSync } from 'node:fs';
import { crypto } from '../lazy-require.js';

/** The API keys that a server accepts. Keys are held as SHA-256 hashes alone. */
export interface ApiKeys {
  /** The tenant of an `Authorization` header's `Bearer KEY`, or undefined if it opens nothing. */
  tenantOf(authorization: string | undefined): string | undefined;
}

interface StoredKey {
  readonly tenant: string;
  readonly hash: Buffer;
}

const LINE = /^(?<tenant>[^:\s][^:]*):(?<hash>[0-9a-fA-F]{64})$/;
const BEARER = /^Bearer +(?<key>\S+) *$/i;

/** Keys that open nothing: what a server has whose key file cannot be used. */
export const NO_KEYS: ApiKeys = { tenantOf: () => undefined };

/**
 * Reads a key file: one `tenant:sha256-hex-of-key` a line; blank lines and lines that
 * start with `#` are skipped.
 *
 * @throws Error when the file cannot be read, holds no key, or has a line of another form.
 * The message names the file and the line's number, never the line.
 */
export function readApiKeys(file: string): ApiKeys {
  const keys = readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }): StoredKey => {
      const groups = LINE.exec(line)?.groups;
      if (groups?.['tenant'] === undefined || groups['hash'] === undefined) {
        throw new Error(`${file}:${number}: not of the form tenant:sha256-hex-of-key`);
      }
      return { tenant: groups['tenant'], hash: Buffer.from(groups['hash'], 'hex') };
    });
  if (keys.length === 0) throw new Error(`${file}: holds no key`);
  return { tenantOf: (authorization) => findTenant(keys, authorization) };
}

/** One line of a key file, for a key that is never stored itself. */
export function apiKeyLine(tenant: string, key: string): string {
  return `${tenant}:${sha256(key).toString('hex')}`;
}

function findTenant(
  keys: readonly StoredKey[],
  authorization: string | undefined,
): string | undefined {
  const key = BEARER.exec(authorization ?? '')?.groups?.['key'];
  if (key === undefined) return undefined;
  const hash = sha256(key);
  let tenant: string | undefined;
  // Every hash is compared in full, so that time tells neither which one matched nor how far.
  for (const stored of keys) {
    if (crypto().timingSafeEqual(stored.hash, hash)) tenant ??= stored.tenant;
  }
  return tenant;
}

function sha256(text: string): Buffer {
  return crypto().createHash('sha256').update(text).digest();
}
