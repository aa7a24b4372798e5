import type { RejectionReason } from '../../../catalog/vocabulary.js';
import { recordRejection } from '../../../events/exec.js';
import type { Runtime } from '../../../events/runtime.js';
import type { RouteEffect } from './route-effect.js';

/** The statuses that the wasmrun document gives for each reason. */
const REASONS: ReadonlyMap<number, RejectionReason> = new Map([
  [401, 'unauthorized'],
  [413, 'payload'],
  [429, 'concurrency'],
]);

/**
 * A request for executions that is turned away is counted, by the reason in its status, unless
 * it was executed after all.
 */
export function createRejectionEffect(runtime: Runtime, hasRun: () => boolean): RouteEffect {
  return {
    answered({ status }) {
      const reason = REASONS.get(status);
      if (reason === undefined || hasRun() || runtime.reportedByHost.has('rejection')) return;
      recordRejection(runtime, reason);
    },
  };
}
