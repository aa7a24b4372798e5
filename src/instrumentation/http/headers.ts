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

function isNamed(given: unknown, name: string): boolean {
  return typeof given === 'string' && given.length === name.length && given.toLowerCase() === name;
}

/** A copy of headers in their own form, with another one at the end. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  if (isList(headers)) {
    return hasPairs(headers) ? [...headers, [name, value]] : [...headers, name, value];
  }
  // A tenth of what a spread costs of objects that hosts fill in their own ways.
  const copy = Object.assign({}, headers) as Record<string, unknown>;
  copy[name] = value;
  return copy;
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
