import type {
  ContainerRule,
  MessageExecRule,
  MessageResult,
  ProcessRule,
  ProviderRule,
  Rules,
} from './rules.js';
import {
  flag,
  nullable,
  object,
  oneOf,
  oneOrMore,
  text,
  wholeNumber,
  type JsonSchema,
  type Shape,
} from './rules-shape.js';
import { route } from './rules-table-routes.js';
import { execValues, jsonPaths } from './rules-table-values.js';

const glob = (description: string): Shape<string> =>
  text({ what: 'a glob', description: `${description} \`*\` is any run of characters.` });

const messageExec: Shape<MessageExecRule> = object<MessageExecRule>({
  description: 'What the messages between the host and it say of executions.',
  fields: {
    on: object<NonNullable<MessageExecRule['on']>>({
      description: 'Of a sandbox: which messages to it begin an execution; all when absent.',
      required: ['message'],
      fields: {
        message: jsonPaths('message'),
        values: oneOrMore(text({ what: 'a text', description: 'A value that does.' })),
      },
    }),
    result: oneOrMore(
      object<MessageResult>({
        description: 'A place where the result of the execution stands.',
        required: ['message'],
        fields: { message: jsonPaths('message'), values: execValues },
      }),
    ),
    truncated: object<{ message: readonly string[] }>({
      description: 'Where it stands that output was cut: true or a number above 0.',
      required: ['message'],
      fields: { message: jsonPaths('message') },
    }),
  },
});

const capacity = wholeNumber(1, 'Of sandboxes: the most that the host will hold.');

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
    exec: messageExec,
    per: oneOf(
      ['session'],
      'Of sandboxes: each serves one session at a time, whose rule names its sandbox. Idle ones ' +
        'of sessions are waiting, and those that sessions have lost are cold.',
    ),
    capacity,
  },
  check(rule, place) {
    if (rule.as === 'sandbox') return;
    for (const name of ['per', 'capacity'] as const) {
      if (rule[name] !== undefined) place.report(`${place.pointer}/${name}`, OF_SANDBOXES);
    }
    if (rule.exec?.on !== undefined) place.report(`${place.pointer}/exec/on`, OF_SANDBOXES);
    if (rule.exec !== undefined && rule.as === 'ignore') {
      place.report(`${place.pointer}/exec`, 'belongs to as: exec or as: sandbox');
    }
  },
});

const OF_SANDBOXES = 'belongs to as: sandbox';

const container: Shape<ContainerRule> = object<ContainerRule>({
  description: 'What a Docker container is.',
  required: ['as'],
  fields: {
    image: glob('Its image.'),
    name: glob('Its name.'),
    label: text({ what: 'key or key=value', description: 'A label: `key` or `key=value`.' }),
    as: oneOf(['sandbox', 'ignore'], 'A sandbox or not.'),
    capacity,
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
