import { SANDBOX_STATES } from '../catalog/vocabulary.js';
import type { LedgerSnapshot } from '../ledger/ledger.js';
import type { DocumentedSurface } from './documented-surface.js';

/** Writes Ash's health report: the documented fields in the documented order. */
export function renderHealth(ash: DocumentedSurface, snapshot: LedgerSnapshot): string {
  const value = (family: string, ...labels: string[]): number =>
    ash.value(snapshot, family, ...labels);
  const states = SANDBOX_STATES.map(
    (state) => [state, value('ash_pool_sandboxes', state)] as const,
  );
  return `${JSON.stringify({
    status: 'ok',
    activeSessions: value('ash_active_sessions'),
    activeSandboxes: value('ash_active_sandboxes'),
    uptime: value('ash_uptime_seconds'),
    pool: {
      total: states.reduce((total, [, count]) => total + count, 0),
      ...Object.fromEntries(states),
      maxCapacity: value('ash_pool_max_capacity'),
      resumeWarmHits: value('ash_resume_total', 'warm'),
      resumeColdHits: value('ash_resume_total', 'cold'),
    },
  })}\n`;
}
