import type { Runtime } from '../../../events/runtime.js';
import type { OnAttachment } from '../../attachments.js';
import { followFastify } from './fastify.js';
import { followHono } from './hono.js';
import { followKoa } from './koa.js';
import { tellLoaded } from './loaded.js';
import { Patches } from './patches.js';

/** What tells us the routes of those frameworks that leave no trace of them on the request. */
export interface Frameworks {
  /** Looks for frameworks that the host has loaded meanwhile: it does so before it listens. */
  readonly look: () => void;
  readonly restore: () => void;
}

export function followFrameworks(
  runtime: Runtime,
  onAttachment: OnAttachment = () => undefined,
): Frameworks {
  const unfollowFastify = followFastify(runtime);
  const patches = new Patches(onAttachment);
  // Begun before the host imports it, this import is done before the host's is.
  followHono(runtime, patches);
  return {
    look() {
      followKoa(runtime, patches);
      followHono(runtime, patches);
      tellLoaded(onAttachment);
    },
    restore() {
      unfollowFastify();
      patches.restore();
    },
  };
}
