/** The header by which a client finds the line and the trace of its request. */
export const REQUEST_ID = 'X-Request-Id';

/**
 * Headers as `writeHead` takes them: an object, an array of pairs, or an array of names and
 * values in turn.
 */
export type Headers = Readonly<Record<string, unknown>> | readonly unknown[];

export function isHeaders(value: unknown): value is Headers {
  return typeof value === 'object' && value !== null;
}

/** The request id among headers, whatever its spelling; undefined when there is none. */
export function requestIdIn(headers: unknown): unknown {
  if (!isHeaders(headers)) return undefined;
  return entriesOf(headers).find(
    ([name]) => typeof name === 'string' && name.toLowerCase() === 'x-request-id',
  )?.[1];
}

/** A copy of headers in their own form, with a request id at the end. */
export function withRequestId(headers: Headers, id: string): Headers {
  if (!isList(headers)) return { ...headers, [REQUEST_ID]: id };
  return hasPairs(headers) ? [...headers, [REQUEST_ID, id]] : [...headers, REQUEST_ID, id];
}

function entriesOf(headers: Headers): readonly (readonly unknown[])[] {
  if (!isList(headers)) return Object.entries(headers);
  if (hasPairs(headers)) return headers as readonly unknown[][];
  return headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]]] : []));
}

function isList(headers: Headers): headers is readonly unknown[] {
  return Array.isArray(headers);
}

function hasPairs(headers: readonly unknown[]): boolean {
  return Array.isArray(headers[0]);
}
