import type { ServerRequest } from '../../../events/server-request.js';
import type { ResponseOutcome } from '../../../catalog/vocabulary.js';
import type { ResponseBody } from '../body/response-body.js';
import type { ValueSources } from './values.js';

/** A request that a rule is about, as it arrived. */
export interface RuledRequest extends Omit<ValueSources, 'response' | 'responseHeader'> {
  readonly event: ServerRequest;
  /** Whether its body has been received whole. */
  readonly isComplete: () => boolean;
  /** Calls back when that is so, at once where it is already. */
  readonly onComplete: (callback: () => void) => void;
}

/** The head of a response, as it is sent. */
export interface ResponseHead {
  readonly status: number;
  /** A response header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Whether what follows is a stream of server-sent events. */
  readonly isStream: boolean;
}

/** What a rule makes of one request. */
export interface RouteEffect {
  /** The headers are on their way: what of the body is wanted has to be asked for now. */
  answered?(head: ResponseHead, body: ResponseBody | undefined): void;
  /** The response has ended, and what was wanted of its body has been read. */
  ended?(outcome: ResponseOutcome): void;
}

/** Whether a status says that the host did what it was asked for. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const SERVICE_UNAVAILABLE = 503;

/** Whether a status says that the host did not take on what it was asked for. */
export function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500) || status === SERVICE_UNAVAILABLE;
}

/** Whether the answer is that to an earlier request. */
export function isReplay({ header }: ResponseHead): boolean {
  return header('idempotent-replayed')?.toLowerCase() === 'true';
}
