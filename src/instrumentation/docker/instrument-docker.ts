import type { ContainerRule } from '../../config/rules.js';
import type { Runtime } from '../../events/runtime.js';
import type { OnAttachment } from '../attachments.js';
import { EngineCalls } from './engine-calls.js';
import { followHttpClients } from './http-client.js';
import { followUndici } from './undici-client.js';

/** What the instrumentation of the Docker Engine API is given. */
export interface DockerOptions {
  readonly runtime: Runtime;
  /** The first that matches decides. Without one, a container is a sandbox. */
  readonly rules: readonly ContainerRule[];
  readonly onAttachment?: OnAttachment;
}

/**
 * Follows what the host asks of Docker Engines over `node:http`, undici and `fetch`:
 * containers as sandboxes, and what is executed in them. Returns the undo.
 */
export function instrumentDocker({ runtime, rules, onAttachment }: DockerOptions): () => void {
  const calls = new EngineCalls(runtime, rules);
  const undo = [followHttpClients(calls), followUndici(calls)];
  onAttachment?.({ target: 'Docker Engine API', attached: true });
  return () => {
    for (const off of undo) off();
  };
}
