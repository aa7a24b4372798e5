import type { HeaderOf } from '../headers.js';

/** A POST that a client library is about to send. */
export interface OutgoingRequest {
  /** Host name in lower case. */
  readonly host: string;
  readonly port: number;
  /** Path without its query. */
  readonly path: string;
  readonly header: HeaderOf;
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
