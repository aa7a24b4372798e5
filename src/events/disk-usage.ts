import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `st_blocks` counts units of 512 bytes whatever the file system's own block size is. */
const BLOCK_BYTES = 512;

/**
 * Disk space in bytes that a directory occupies, as `du` counts it: the blocks allocated
 * to it and to everything below it, links not followed, hard links once. What disappears
 * while it is being measured counts nothing.
 */
export async function diskUsage(directory: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  const pending = [directory];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) continue;
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const inode = `${stats.dev}:${stats.ino}`;
      if (seen.has(inode)) continue;
      seen.add(inode);
    }
    bytes += stats.blocks * BLOCK_BYTES;
    if (!stats.isDirectory()) continue;
    const names = await readdir(path).catch(() => []);
    for (const name of names) pending.push(join(path, name));
  }
  return bytes;
}
