import { followFastify } from './fastify.js';
import { followKoa } from './koa.js';

/** What tells us the routes of those frameworks that leave no trace of them on the request. */
export interface Frameworks {
  /** Looks for frameworks that the host has loaded meanwhile. */
  readonly look: () => void;
  readonly restore: () => void;
}

export function followFrameworks(): Frameworks {
  const unfollowFastify = followFastify();
  const patched = new Map<object, () => void>();
  return {
    look() {
      followKoa(patched);
    },
    restore() {
      unfollowFastify();
      for (const restore of patched.values()) restore();
    },
  };
}
