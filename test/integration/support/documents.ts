import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ROOT } from '../../support/paths.js';

/** A block of one of the three documents, word for word, from test/golden/documents. */
export function documented(file: string): string {
  return readFileSync(`${ROOT}test/golden/documents/${file}`, 'utf8');
}

/** The commands or queries of a block, which blank lines separate. */
export function documentedParts(file: string): string[] {
  return documented(file).trim().split(/\n\n/);
}

/**
 * The jobs of a document's `scrape_configs`, word for word but for the target, which is
 * where the server listens in a test.
 */
export function documentedJobs(file: string, target: string): string {
  const text = documented(file);
  const jobs = text.replace(/^scrape_configs:\n/, '').replace(/'[^']+:\d+'/, `'${target}'`);
  if (jobs === text) throw new Error(`${file} is not a scrape config`);
  return jobs;
}

/**
 * Holds a page against the document's sample of it: the same lines in the same order, but
 * for the values. Where the sample elides (`...`) or goes on to another family, the page
 * may have more.
 */
export function assertLikeSample(page: string, sample: string): void {
  const lines = withoutValues(page).split('\n');
  let from = 0;
  for (const block of withoutValues(sample).split(/\n?\.\.\.\n?|\n(?=# HELP)/)) {
    const wanted = block.trim().split('\n');
    const at = lines.findIndex(
      (_, i) => i >= from && wanted.every((line, offset) => lines[i + offset] === line),
    );
    assert.ok(block.trim() === '' || at >= 0, `not on the page, or not in order:\n${block}`);
    from = at + wanted.length;
  }
}

/** Samples without their values; comments stay as they are. */
export function withoutValues(page: string): string {
  return page.replaceAll(/^([^#\n]\S*) \S+$/gm, '$1');
}

/** An object with every leaf replaced by its type, to compare keys and their order as text. */
export function shapeOf(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' ? part : typeof part,
  );
}
