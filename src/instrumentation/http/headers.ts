/**
 * Headers as `writeHead` and `respond` take them: an object, an array of pairs, or an array of
 * names and values in turn.
 */
export type Headers = Readonly<Record<string, unknown>> | readonly unknown[];

export function isHeaders(value: unknown): value is Headers {
  return typeof value === 'object' && value !== null;
}

/** A header among others, whatever its spelling; undefined when there is none. */
export function headerIn(headers: unknown, name: string): unknown {
  if (!isHeaders(headers)) return undefined;
  return entriesOf(headers).find(
    ([given]) => typeof given === 'string' && given.toLowerCase() === name,
  )?.[1];
}

/** A copy of headers in their own form, with another one at the end. */
export function withHeader(headers: Headers, [name, value]: readonly [string, string]): Headers {
  if (!isList(headers)) return { ...headers, [name]: value };
  return hasPairs(headers) ? [...headers, [name, value]] : [...headers, name, value];
}

/** The text of a header that may have been set as a number or as several values. */
export function headerText(value: unknown): string | undefined {
  if (Array.isArray(value)) return headerText(value[0]);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
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
