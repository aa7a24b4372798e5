import type * as nodeCrypto from 'node:crypto';
import { createRequire } from 'node:module';

declare const __filename: string | undefined;

/**
 * Loads a module when it is first needed, and synchronously: the preload must be able to
 * do so in the middle of a host's call. Works in the CommonJS bundle and in an ES module.
 */
export const lazyRequire = createRequire(
  typeof __filename === 'string' ? __filename : import.meta.url,
);

let loaded: typeof nodeCrypto | undefined;

/** `node:crypto`, a megabyte of memory for who needs a hash or an id. */
export function crypto(): typeof nodeCrypto {
  return (loaded ??= lazyRequire('node:crypto') as typeof nodeCrypto);
}
