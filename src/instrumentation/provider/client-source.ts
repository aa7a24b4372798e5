import type { Runtime } from '../../events/runtime.js';
import type { OnAttachment } from '../attachments.js';
import type { Attempt } from './attempt.js';
import type { OutgoingRequest } from './outgoing-request.js';

/** What a client library is followed with. */
export interface ClientSource {
  readonly runtime: Runtime;
  /** Whether a path without query may be a model call's. */
  readonly mayBe: (path: string) => boolean;
  /** Begins to follow a request, unless it is no model call. */
  readonly begin: (request: OutgoingRequest) => Attempt | undefined;
  readonly onAttachment: OnAttachment;
}
