/** How long nobody asks for the system's time again, in milliseconds. */
const TRUSTED_MS = 100;
/** It is told in whole milliseconds: what is further off has drifted, or was set. */
const RESOLUTION_MS = 1;

let offsetMs = NaN;
let askedAt = -Infinity;

/**
 * The milliseconds since the epoch at a reading of `performance.now()`, which has just been taken.
 * V8 has no fast `Date.now()`, and the end of every request would pay for it: ten times a second
 * are enough. A system's time that is set shows within a tenth of a second.
 */
export function epochMsAt(now: number): number {
  if (now - askedAt >= TRUSTED_MS) {
    askedAt = now;
    const offset = Date.now() + RESOLUTION_MS / 2 - now;
    if (!(Math.abs(offset - offsetMs) <= RESOLUTION_MS)) offsetMs = offset;
  }
  return offsetMs + now;
}
