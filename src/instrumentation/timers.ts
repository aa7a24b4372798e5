import { executionAsyncResource } from 'node:async_hooks';

const timer = setTimeout(() => undefined, 0);
clearTimeout(timer);
const Timeout = timer.constructor;

/**
 * Whether a timer's callback is what runs now: a host's `setTimeout` or `setInterval`, Node's
 * own `timeout` options, the deadline of an `AbortSignal`. What runs after an `await` does
 * not show what it waited for.
 */
export function isInTimer(): boolean {
  return executionAsyncResource() instanceof Timeout;
}
