import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Writes a file with these lines that ends with the test, and gives its path. */
export function keyFile(t: TestContext, lines: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-otel-keys-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const file = path.join(directory, 'keys');
  writeFileSync(file, lines);
  return file;
}

/** The line of a key file that lets a tenant in by this key. */
export function keyLine(tenant: string, key: string): string {
  return `${tenant}:${createHash('sha256').update(key).digest('hex')}\n`;
}
