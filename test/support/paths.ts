import { fileURLToPath } from 'node:url';

/** The package's root, seen from build/test/support. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The preload as `npm run build` writes it. */
export const PRELOAD = `${ROOT}dist/register.cjs`;

/**
 * A compiled host of test/fixtures. HOST_FIXTURES names a copy of the folder, where hosts find
 * packages of other versions.
 */
export function fixture(name: string): string {
  return `${process.env['HOST_FIXTURES'] ?? `${ROOT}build/test/fixtures/`}${name}`;
}
