import { RESUME_PATHS, ROUTES } from '../catalog/vocabulary.js';
import type {
  ContainerRule,
  ExchangeValue,
  ProcessRule,
  ProviderRule,
  RequestValue,
  RouteMatch,
  RouteRule,
  Rules,
  SessionRule,
} from './rules.js';
import { SESSION_STEPS } from './rules.js';
import {
  below,
  flag,
  nullable,
  object,
  oneOf,
  oneOrMore,
  text,
  wholeNumber,
  type JsonSchema,
  type ObjectOptions,
  type Place,
  type Shape,
} from './rules-shape.js';

/** Headers that are credentials: a value taken whole would show them to everybody. */
const CREDENTIALS = /^(?:authorization|proxy-authorization|cookie|.*(?:key|token|secret).*)$/i;
const SEGMENT = String.raw`(?:[^/?#:*\s]+|:[A-Za-z_]\w*)`;
const TEMPLATE = new RegExp(String.raw`^(?:/${SEGMENT})*(?:/\*?)?$`);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const JSON_PATH = /^\$(?:\.[A-Za-z_][\w-]*|\[\d+\])+$/;

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
  },
});

const requestValue: ObjectOptions<RequestValue>['fields'] = {
  header: text({
    pattern: HEADER_NAME,
    what: 'the name of a header',
    description: 'Name of a request header.',
  }),
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

const tenant: Shape<RequestValue> = object<RequestValue>({
  description: 'Where the tenant stands: a header, a parameter of the path or of the query.',
  fields: requestValue,
  either: ['header', 'path', 'query'],
  check: checkPattern,
});

const jsonPaths = (body: string): Shape<readonly string[]> =>
  oneOrMore(
    text({
      pattern: JSON_PATH,
      what: 'a JSON path like $.session.id',
      description: `JSON path into the body of the ${body}.`,
    }),
  );

const exchangeValue = (description: string): Shape<ExchangeValue> =>
  object<ExchangeValue>({
    description,
    fields: {
      ...requestValue,
      request: jsonPaths('request'),
      response: jsonPaths('response'),
    },
    either: ['header', 'path', 'query', 'request', 'response'],
    check: checkPattern,
  });

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
  },
  check(rule, place) {
    for (const name of ['id', 'sandbox', 'agentName'] as const) {
      if (rule.on === 'message' && rule[name]?.response !== undefined) {
        place.report(
          `${place.pointer}/${name}`,
          'of a message it has to be known before it is answered',
        );
      }
    }
    if (rule.on !== 'resume' && rule.resume !== undefined) {
      place.report(`${place.pointer}/resume`, 'belongs to on: resume');
    }
    if (rule.on !== 'resume' && rule.on !== 'create' && rule.idleTimeoutMs !== undefined) {
      place.report(`${place.pointer}/idleTimeoutMs`, 'belongs to on: create or on: resume');
    }
  },
});

const route: Shape<RouteRule> = object<RouteRule>({
  description: 'What a request means, by its method and path.',
  required: ['match'],
  fields: {
    match,
    route: oneOf(ROUTES, 'The request is an agent request of this route.'),
    tenant,
    session,
    exec: flag('The request asks for executions: 401, 413 and 429 count as rejections.'),
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

const glob = (description: string): Shape<string> =>
  text({ what: 'a glob', description: `${description} \`*\` is any run of characters.` });

const process: Shape<ProcessRule> = object<ProcessRule>({
  description: 'What a child process, a worker thread or a WASI instance is.',
  required: ['as'],
  fields: {
    kind: oneOf(['process', 'worker', 'wasi'], 'What is started; any when absent.'),
    command: glob(
      'Base name or whole path of the file; of a worker its file, of exec() the first word.',
    ),
    args: glob('The arguments, joined by a space.'),
    as: oneOf(['exec', 'sandbox', 'ignore'], 'An execution, a sandbox, or neither.'),
    untrusted: flag('No TRACEPARENT is put into its environment.'),
  },
});

const container: Shape<ContainerRule> = object<ContainerRule>({
  description: 'What a Docker container is.',
  required: ['as'],
  fields: {
    image: glob('Its image.'),
    name: glob('Its name.'),
    label: text({ what: 'key or key=value', description: 'A label: `key` or `key=value`.' }),
    as: oneOf(['sandbox', 'ignore'], 'A sandbox or not.'),
  },
});

const provider: Shape<ProviderRule> = object<ProviderRule>({
  description: 'Which model provider a host is.',
  required: ['host', 'provider'],
  fields: {
    host: glob('Host or host:port.'),
    path: glob('The path.'),
    provider: nullable(
      text({
        what: 'the name of a provider or null',
        description: 'gen_ai.provider.name; null is no provider.',
      }),
    ),
  },
});

/** The form of a rule in each of the file's lists. */
export const RULE_SHAPES = {
  routes: route,
  processes: process,
  containers: container,
  providers: provider,
} as const satisfies { readonly [K in keyof Rules]: Shape<Rules[K][number]> };

/** The published JSON Schema of a rules file. */
export const RULES_SCHEMA: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Rules of agent-otel',
  description:
    'What a host does that has no telemetry code. In each list the first rule that matches ' +
    'decides; the built-in rules come after these.',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    ...Object.fromEntries(
      Object.entries(RULE_SHAPES).map(([list, { schema }]) => [
        list,
        { type: 'array', items: schema },
      ]),
    ),
  },
  additionalProperties: false,
};

/** The names of the parameters in a path template. */
export function parametersOf(path: string): string[] {
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
  };
}

function checkPattern({ pattern, ...value }: RequestValue, place: Place): void {
  if (pattern === undefined) {
    for (const name of ['header', 'query'] as const) {
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
