import { EXEC_RESULTS } from '../catalog/vocabulary.js';
import type { DurationValue, ExchangeValue, ExecValues, RequestValue } from './rules.js';
import { DURATION_UNITS } from './rules.js';
import {
  below,
  mapOf,
  object,
  oneOf,
  oneOrMore,
  text,
  type ObjectOptions,
  type Place,
  type Shape,
} from './rules-shape.js';

/** Headers that are credentials: a value taken whole would show them to everybody. */
const CREDENTIALS =
  /^(?:authorization|proxy-authorization|(?:set-)?cookie|.*(?:key|token|secret).*)$/i;
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const JSON_PATH = /^\$(?:\.[A-Za-z_][\w-]*|\[\d+\])+$/;

const headerName = (description: string): Shape<string> =>
  text({ pattern: HEADER_NAME, what: 'the name of a header', description });

const requestValue: ObjectOptions<RequestValue>['fields'] = {
  header: headerName('Name of a request header.'),
  path: text({
    pattern: /^[A-Za-z_]\w*$/,
    what: 'the name of a parameter of the path',
    description: 'Name of a parameter of the path template.',
  }),
  query: text({
    what: 'the name of a parameter of the query',
    description: 'Name of a parameter of the query.',
  }),
  pattern: text({
    what: 'a regular expression',
    description: 'Regular expression whose first group is the value.',
  }),
};

export const tenant: Shape<RequestValue> = object<RequestValue>({
  description: 'Where the tenant stands: a header, a parameter of the path or of the query.',
  fields: requestValue,
  either: ['header', 'path', 'query'],
  check: checkPattern,
});

export const jsonPaths = (body: 'request' | 'response' | 'message'): Shape<readonly string[]> =>
  oneOrMore(
    text({
      pattern: JSON_PATH,
      what: 'a JSON path like $.session.id',
      description: `JSON path into the ${body}.`,
    }),
  );

const exchange = {
  fields: {
    ...requestValue,
    responseHeader: headerName('Name of a response header.'),
    request: jsonPaths('request'),
    response: jsonPaths('response'),
  },
  either: ['header', 'path', 'query', 'responseHeader', 'request', 'response'],
  check: checkPattern,
} as const satisfies Omit<ObjectOptions<ExchangeValue>, 'description'>;

export const exchangeValue = (description: string): Shape<ExchangeValue> =>
  object<ExchangeValue>({ ...exchange, description });

export const duration = (description: string): Shape<DurationValue> =>
  object<DurationValue>({
    ...exchange,
    description,
    fields: {
      ...exchange.fields,
      unit: oneOf(DURATION_UNITS, 'What is counted: milliseconds, seconds (the default), minutes.'),
    },
  });

/** What the values at a place mean. */
export const execValues: Shape<ExecValues> = mapOf({
  names: /./,
  what: 'a value',
  values: oneOf(EXEC_RESULTS, 'The result that the value means.'),
  description:
    'What its values mean; `*` is every other value. Without it the three results are ' +
    'themselves, true and 0 a success, false and other numbers an error.',
});

function checkPattern({ pattern, ...value }: ExchangeValue, place: Place): void {
  if (pattern === undefined) {
    for (const name of ['header', 'query', 'responseHeader'] as const) {
      const credential = value[name];
      if (credential === undefined || !CREDENTIALS.test(credential)) continue;
      const problem = `${credential} is a credential: take a part of it with a pattern`;
      place.report(below(place, name).pointer, problem);
    }
    return;
  }
  try {
    new RegExp(pattern);
  } catch (error) {
    const problem = `not a regular expression: ${(error as Error).message}`;
    place.report(below(place, 'pattern').pointer, problem);
  }
}
