import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { DocumentedSurface } from './documented-surface.js';

/** One active session in the JSON format, as wasmrun's document shows it. */
export interface JsonSession {
  readonly id: string;
  readonly diskBytes: number;
  readonly memoryCapPages: number | null;
}

/**
 * Writes a surface in wasmrun's JSON format: the documented keys in the documented order,
 * labelled families as objects. `sessions` is added in open mode alone; pass undefined to
 * leave it out.
 */
export function renderJson(
  documented: DocumentedSurface,
  {
    snapshot,
    sessions,
  }: { snapshot: LedgerSnapshot; sessions: readonly JsonSession[] | undefined },
): string {
  const body: Record<string, unknown> = {};
  for (const view of documented.views) {
    const key = view.family.json;
    if (key === undefined) continue;
    body[key] =
      view.labels.length === 0
        ? view.single(snapshot)
        : Object.fromEntries(
            [...view.read(snapshot)].map(({ labelValues, value }) => [labelValues[0], value]),
          );
  }
  if (sessions !== undefined) {
    body['sessions'] = sessions.map(({ id, diskBytes, memoryCapPages }) => ({
      id,
      disk_bytes: diskBytes,
      memory_cap_pages: memoryCapPages,
    }));
  }
  return `${JSON.stringify(body)}\n`;
}
