import type { ExchangeValue } from '../../../config/rules.js';
import { compilePath } from '../../json-path.js';

/** Where values can stand. */
export interface ValueSources {
  /** A request header, by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  /** A parameter of the query. */
  readonly query: (name: string) => string | undefined;
  /** The JSON body of the request as far as it has come; undefined where it is not read. */
  readonly request: () => unknown;
  /** A response header, by its name in lower case; undefined until the headers are sent. */
  readonly responseHeader?: (name: string) => string | undefined;
  /** The JSON body of the response; undefined where it is not read or is no JSON. */
  readonly response?: unknown;
}

/** Reads one value; undefined when it is not there, or is neither text nor number. */
export type ReadValue = (sources: ValueSources) => string | undefined;

/** Longest header that a pattern is tried on, in UTF-16 code units. */
const MAX_MATCHED = 4096;

/** Makes what reads a value as a rule describes it. */
export function compileValue(value: ExchangeValue): ReadValue {
  const { pattern } = value;
  const read = compilePlace(value);
  if (pattern === undefined) return read;
  const expression = new RegExp(pattern);
  return (sources) => {
    const text = read(sources);
    if (text === undefined || text.length > MAX_MATCHED) return undefined;
    const found = expression.exec(text);
    return textOf(found?.[1] ?? found?.[0]);
  };
}

function compilePlace({
  header,
  path,
  query,
  responseHeader,
  request,
  response = [],
}: ExchangeValue): ReadValue {
  if (header !== undefined) {
    const name = header.toLowerCase();
    return (sources) => textOf(sources.header(name));
  }
  if (path !== undefined) return (sources) => textOf(sources.parameters.get(path));
  if (query !== undefined) return (sources) => textOf(sources.query(query));
  if (responseHeader !== undefined) {
    const name = responseHeader.toLowerCase();
    return (sources) => textOf(sources.responseHeader?.(name));
  }
  if (request !== undefined) {
    const read = compileTexts(request);
    return (sources) => read(sources.request());
  }
  const read = compileTexts(response);
  return (sources) => read(sources.response);
}

function compileTexts(paths: readonly string[]): (json: unknown) => string | undefined {
  const reads = paths.map(compilePath);
  return (json) => {
    for (const read of reads) {
      const value = textOf(read(json));
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
