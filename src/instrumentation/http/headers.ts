import { isNamed } from '../headers.js';

/**
 * Headers as `writeHead` and `respond` take them: an object, an array of pairs, or an array of
 * names and values in turn.
 */
export type Headers = Readonly<Record<string, unknown>> | readonly unknown[];

export function isHeaders(value: unknown): value is Headers {
  return typeof value === 'object' && value !== null;
}

/**
 * A header among others, whatever its spelling; undefined when there is none. It is asked for
 * at every response, so it makes nothing on its way.
 */
export function headerIn(headers: unknown, name: string): unknown {
  if (!isHeaders(headers)) return undefined;
  if (!isList(headers)) {
    for (const given in headers) if (isNamed(given, name)) return headers[given];
    return undefined;
  }
  if (hasPairs(headers)) {
    return (headers as readonly unknown[][]).find(([given]) => isNamed(given, name))?.[1];
  }
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers[i], name)) return headers[i + 1];
  }
  return undefined;
}

/** A copy of headers in their own form, with another one at the end. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  return isList(headers) ? withLast(headers, name, value) : { ...headers, [name]: value };
}

/**
 * The same as a list, which `writeHead` takes in place of an object: it costs a third of a copy
 * of an object that hosts fill in their own ways.
 */
export function listWithHeader(headers: Headers, name: string, value: string): Headers {
  if (isList(headers)) return withLast(headers, name, value);
  const list: unknown[] = [];
  for (const given in headers) {
    if (Object.hasOwn(headers, given)) list.push(given, headers[given]);
  }
  list.push(name, value);
  return list;
}

function withLast(headers: readonly unknown[], name: string, value: string): Headers {
  return hasPairs(headers) ? [...headers, [name, value]] : [...headers, name, value];
}

/** The text of a header that may have been set as a number or as several values. */
export function headerText(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function isList(headers: Headers): headers is readonly unknown[] {
  return Array.isArray(headers);
}

function hasPairs(headers: readonly unknown[]): boolean {
  return Array.isArray(headers[0]);
}
