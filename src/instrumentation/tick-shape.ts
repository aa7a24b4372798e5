import { executionAsyncResource } from 'node:async_hooks';

/** One of the objects that Node makes for each `process.nextTick`; nobody changes it. */
let kept: object | undefined;

/**
 * Keeps one object of the shape that Node makes for each `process.nextTick`, of which a request
 * takes eight. V8 forgets a shape of which a few collections have found nothing; the next tick has
 * another one then, which its compiled code never learns: every tick of the process takes three to
 * six times as long from there on. That comes with a server's idle moments, and sooner where more
 * is allocated.
 */
export function keepTickShape(): void {
  if (kept !== undefined) return;
  process.nextTick(() => {
    kept = executionAsyncResource();
  });
}
