import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/config.js';
import { rulesInForce, switchedOff } from '../../../src/config/in-force.js';
import { builtInRules } from '../../../src/config/rules-built-in.js';

test('the rules are counted by where they come from', () => {
  const builtIn = builtInRules('arbiter');
  assert.equal(rulesInForce(builtIn, { file: undefined, dialect: 'arbiter' }), 'rules: 3 built in');
  const own = { ...builtIn, processes: [{ command: 'git', as: 'ignore' as const }] };
  assert.equal(
    rulesInForce(own, { file: 'rules.json', dialect: 'arbiter' }),
    'rules: 1 of "rules.json", then 3 built in',
  );
});

const INLINE = "documented paths on the host's own port (AGENT_OTEL_INLINE)";
const otlp = (signals: string): string =>
  `OTLP of ${signals} (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_*_EXPORTER)`;

const CASES: readonly { env: Record<string, string>; off: string[] }[] = [
  { env: {}, off: [INLINE, otlp('traces, metrics, logs')] },
  {
    env: { AGENT_OTEL_INLINE: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
    off: [],
  },
  {
    env: {
      AGENT_OTEL_INLINE: 'true',
      AGENT_OTEL_ACCESS_LOG: 'off',
      AGENT_OTEL_DIALECT: 'wasmrun',
      AGENT_OTEL_CHILD_TRACE_CONTEXT: 'false',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_EXPORTER: 'otlp',
    },
    off: [
      'access lines (AGENT_OTEL_ACCESS_LOG)',
      'timing and resume lines (dialect wasmrun)',
      'the admin listener (OTEL_METRICS_EXPORTER)',
      'the trace in child processes (AGENT_OTEL_CHILD_TRACE_CONTEXT)',
      otlp('metrics, logs'),
    ],
  },
  {
    env: { AGENT_OTEL_INLINE: 'true', AGENT_OTEL_DIALECT: 'ash', OTEL_LOGS_EXPORTER: 'otlp' },
    off: ['access lines (dialect ash)', otlp('traces, metrics')],
  },
];

for (const { env, off } of CASES) {
  test(`what is off with ${JSON.stringify(env)}`, () => {
    assert.deepEqual(switchedOff(readConfig(env)), off);
  });
}
