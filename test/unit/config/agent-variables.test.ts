import { testVariables, type Variable } from './variable-table.js';

const VARIABLES: readonly Variable[] = [
  {
    name: 'AGENT_OTEL_DIALECT',
    setting: ({ dialect }) => dialect,
    byDefault: undefined,
    valid: [
      ['wasmrun', 'wasmrun'],
      ['ash', 'ash'],
      ['arbiter', 'arbiter'],
      ['Ash', 'ash'],
      ['', undefined],
    ],
    invalid: ['prometheus', 'ash,arbiter'],
    allowed: /wasmrun.*ash.*arbiter/,
  },
  {
    name: 'AGENT_OTEL_INLINE',
    setting: ({ inline }) => inline,
    byDefault: false,
    valid: [
      ['true', true],
      ['TRUE', true],
      ['false', false],
    ],
    invalid: ['yes', 'on', '2'],
    allowed: /true or false/,
  },
  {
    name: 'AGENT_OTEL_ACCESS_LOG',
    setting: ({ accessLog }) => accessLog,
    byDefault: 'kv',
    valid: [
      ['kv', 'kv'],
      ['json', 'json'],
      ['off', 'off'],
    ],
    invalid: ['none', 'jsonl'],
    allowed: /kv.*json.*off/,
  },
  {
    name: 'AGENT_OTEL_VERBOSE',
    setting: ({ verbose }) => verbose,
    byDefault: false,
    valid: [['true', true]],
    invalid: ['very'],
    allowed: /true or false/,
  },
  {
    name: 'AGENT_OTEL_CHILD_TRACE_CONTEXT',
    setting: ({ childTraceContext }) => childTraceContext,
    byDefault: true,
    valid: [
      ['false', false],
      ['0', false],
      ['true', true],
    ],
    invalid: ['off'],
    allowed: /true or false/,
  },
  {
    name: 'AGENT_OTEL_API_KEYS_FILE',
    setting: ({ apiKeysFile }) => apiKeysFile,
    byDefault: undefined,
    valid: [
      ['keys.txt', 'keys.txt'],
      [' ', undefined],
    ],
    invalid: [],
  },
  {
    name: 'AGENT_OTEL_TENANT_HEADER',
    setting: ({ tenantHeader }) => tenantHeader,
    byDefault: undefined,
    valid: [['X-Tenant', 'x-tenant']],
    invalid: [],
  },
  {
    name: 'AGENT_OTEL_TENANT_LIMIT',
    setting: ({ tenantLimit }) => tenantLimit,
    byDefault: 10_000,
    valid: [['5000', 5000]],
    invalid: ['0', '-1', '1.5', 'many', '1e3', '0x10', '99999999999'],
    allowed: /whole number/,
  },
  {
    name: 'AGENT_OTEL_LOG_LEVEL',
    setting: ({ logLevel }) => logLevel,
    byDefault: 'warn',
    valid: ['none', 'error', 'warn', 'info', 'debug'].map((level) => [level, level] as const),
    invalid: ['warning', 'trace'],
    allowed: /none.*error.*warn.*info.*debug/,
  },
];

testVariables(VARIABLES);
