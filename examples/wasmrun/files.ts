import { closeSync, constants, lstatSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The path of a file in a directory, or undefined if `name` is not a relative path of
 * plain segments or would leave the directory, by its dots or through a symbolic link.
 */
export function pathInside(directory: string, name: string): string | undefined {
  if (/[\0\\]/.test(name)) return undefined;
  let path = directory;
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return undefined;
    path = join(path, segment);
    if (isSymbolicLink(path)) return undefined;
  }
  return path;
}

/**
 * Writes a file and the folders above it; false if `name` is no path for one. It is
 * synchronous so that a session cannot end between the check and the write.
 */
export function writeInside(directory: string, name: string, content: Buffer): boolean {
  try {
    const path = pathInside(directory, name);
    if (path === undefined) return false;
    mkdirSync(dirname(path), { recursive: true });
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    if (isUnfitName(error)) return false;
    throw error;
  }
}

function isSymbolicLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** A folder where a file should be or the other way round, a link, a name too long. */
function isUnfitName(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['EISDIR', 'ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'].includes(code ?? '');
}
