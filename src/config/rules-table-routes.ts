import { EXEC_RESULTS, RESUME_PATHS, ROUTES } from '../catalog/vocabulary.js';
import type {
  ExchangeValue,
  ExecRule,
  ResponseResult,
  RouteMatch,
  RouteRule,
  SessionRule,
} from './rules.js';
import { SESSION_STEPS } from './rules.js';
import {
  flag,
  flagOr,
  flagOrText,
  mapOf,
  object,
  oneOf,
  oneOrMore,
  text,
  wholeNumber,
  type Place,
  type Shape,
} from './rules-shape.js';
import {
  duration,
  exchangeValue,
  execValues,
  HEADER_NAME,
  jsonPaths,
  tenant,
} from './rules-table-values.js';

const SEGMENT = String.raw`(?:[^/?#:*\s]+|:[A-Za-z_]\w*)`;
const TEMPLATE = new RegExp(String.raw`^(?:/${SEGMENT})*(?:/\*?)?$`);

const match: Shape<RouteMatch> = object<RouteMatch>({
  description: 'The requests that the rule is about.',
  required: ['path'],
  fields: {
    method: text({
      pattern: /^[A-Z][A-Z-]*$/,
      what: 'a method in capitals',
      description: 'HTTP method; any when absent.',
    }),
    path: text({
      pattern: TEMPLATE,
      what: 'a path like /v1/sessions/:id, with :name for a segment and * at its end for the rest',
      description:
        'Path template: `:name` stands for one segment, `*` at the end for all that follow.',
    }),
    headers: mapOf({
      names: HEADER_NAME,
      what: 'the name of a header',
      values: flagOrText(
        'true: the header is there; false: it is not; a text: a glob on its value.',
      ),
      description:
        'What the headers of the request have to be, where path and method are not enough.',
    }),
  },
});

/** What describes a session when it begins. */
const BEGINNING = [
  'idleTimeoutMs',
  'idleTimeout',
  'removedAfterMs',
  'directory',
  'memoryCapPages',
] as const;

const session: Shape<SessionRule> = object<SessionRule>({
  description: 'What a request that succeeds does to a session.',
  required: ['on', 'id'],
  fields: {
    on: oneOf(
      SESSION_STEPS,
      'The session is created, comes back, is used, answers a message (with a timing line), is ' +
        'paused, is stopped together with its sandbox, or ends.',
    ),
    id: exchangeValue('Where the id of the session stands.'),
    resume: oneOf(
      RESUME_PATHS,
      'Of a resume, where it is always the same one. Else it is cold when a sandbox was started ' +
        'for it or its sandbox is another one, and warm otherwise.',
    ),
    sandbox: exchangeValue('Where the id of its sandbox stands.'),
    agentName: exchangeValue('Where the name of its agent stands, for the resume line.'),
    idleTimeoutMs: wholeNumber(
      1,
      'Milliseconds without activity after which the session counts as expired.',
    ),
    idleTimeout: duration(
      'Where its client says how long; `idleTimeoutMs` is for clients that do not.',
    ),
    removedAfterMs: wholeNumber(
      1,
      'Milliseconds after its expiry when the host has cleaned it up: tracked no longer.',
    ),
    directory: text({
      pattern: /\{id\}/,
      what: 'a path with {id} in it',
      description: 'The directory whose disk usage is its own, with `{id}` for its id.',
    }),
    memoryCapPages: exchangeValue('Where its memory cap stands, in WASM pages of 64 KiB.'),
  },
  check(rule, place) {
    for (const name of ['id', 'sandbox', 'agentName'] as const) {
      const value = rule[name];
      const isLate = value?.response !== undefined || value?.responseHeader !== undefined;
      if (rule.on === 'message' && isLate) {
        place.report(
          `${place.pointer}/${name}`,
          'of a message it has to be known before it is answered',
        );
      }
    }
    if (rule.on !== 'resume' && rule.resume !== undefined) {
      place.report(`${place.pointer}/resume`, 'belongs to on: resume');
    }
    checkBeginning(rule, place);
  },
});

const exec: Shape<ExecRule> = object<ExecRule>({
  description:
    'The request is one execution as a whole, whatever is started for it, unless it is refused.',
  fields: {
    result: oneOrMore(
      object<ResponseResult>({
        description: 'A place where the result of the execution stands.',
        required: ['response'],
        fields: { response: jsonPaths('response'), values: execValues },
      }),
    ),
    truncated: object<{ response: readonly string[] }>({
      description: 'Where it stands that output was cut: true or a number above 0.',
      required: ['response'],
      fields: { response: jsonPaths('response') },
    }),
    statuses: mapOf({
      names: /^[1-5]\d\d$/,
      what: 'a status',
      values: oneOf(EXEC_RESULTS, 'The result that the status means.'),
      description: 'Results by status, where the status says it.',
    }),
  },
});

export const route: Shape<RouteRule> = object<RouteRule>({
  description: 'What a request means, by its method, path and headers.',
  required: ['match'],
  fields: {
    match,
    route: oneOf(ROUTES, 'The request is an agent request of this route.'),
    tenant,
    session,
    exec: flagOr(
      flag('The request asks for executions: 401, 413 and 429 count as rejections.'),
      exec,
    ),
  },
  check(rule, place) {
    const parameters = parametersOf(rule.match.path);
    const values = { tenant: rule.tenant, ...sessionValues(rule.session) };
    for (const [pointer, value] of Object.entries(values)) {
      if (value?.path !== undefined && !parameters.includes(value.path)) {
        place.report(
          `${place.pointer}/${pointer}/path`,
          `:${value.path} is not in the path ${rule.match.path}`,
        );
      }
    }
  },
});

/** The names of the parameters in a path template. */
function parametersOf(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => segment.startsWith(':'))
    .map((segment) => segment.slice(1));
}

function sessionValues(rule: SessionRule | undefined): Record<string, ExchangeValue | undefined> {
  return {
    'session/id': rule?.id,
    'session/sandbox': rule?.sandbox,
    'session/agentName': rule?.agentName,
    'session/idleTimeout': rule?.idleTimeout,
    'session/memoryCapPages': rule?.memoryCapPages,
  };
}

/** What describes a session belongs to where it begins. */
function checkBeginning(rule: SessionRule, place: Place): void {
  const begins = rule.on === 'create' || rule.on === 'resume';
  for (const name of BEGINNING) {
    if (!begins && rule[name] !== undefined) {
      place.report(`${place.pointer}/${name}`, 'belongs to on: create or on: resume');
    }
  }
}
