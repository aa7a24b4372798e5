/** docs/operations.md: what it names exists, and what it counts comes from the catalog. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { INSTRUMENTS } from '../../src/catalog/instruments.js';
import type { InstrumentDeclaration } from '../../src/catalog/instrument.js';
import { SURFACES } from '../../src/catalog/surfaces.js';
import { readConfig } from '../../src/config/config.js';
import { ROOT } from '../support/paths.js';
import { CANONICAL_NAMES, COLLECTOR_NAMES, DOCUMENTED_NAMES, unknownIn } from './support/names.js';
import { readText, RULE_FILES, rulesOf } from './support/rules.js';

const FILE = 'docs/operations.md';
const text = readText(FILE);
const commands = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block);
const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);

/** The headings of a page, as GitHub makes anchors of them. */
const anchorsOf = (file: string): string[] =>
  [...readText(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('every link leads somewhere', () => {
  const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
  assert.ok(links.length > 20);
  for (const [link, target = '', anchor] of links) {
    const file = path.join('docs', target);
    assert.ok(existsSync(path.join(ROOT, file)), link);
    if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), link);
  }
});

test('every file, script and test of a command exists', () => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  const words = commands.join('\n').split(/[\s()"]+/);
  const files = words.filter((word) => /^(?:\.\/)?[\w-]+\/[\w./-]+\.\w+$/.test(word));
  assert.ok(files.length >= 5);
  for (const file of files) assert.ok(existsSync(path.join(ROOT, file)), file);
  for (const [, script = ''] of commands.join('').matchAll(/npm run -s (\S+)/g)) {
    assert.ok(script in scripts, script);
  }
  const parts = [...[...commands, ...spans].join('\n').matchAll(/npm test -- (\S+)/g)].map(
    ([, part = '']) => part,
  );
  assert.ok(parts.length >= 4);
  for (const part of parts) {
    assert.ok(existsSync(path.join(ROOT, 'test', `${part}.test.ts`)), part);
  }
});

/** What src/config reads, with the parts of names that it puts together. */
function variables(): Set<string> {
  const read = readdirSync(`${ROOT}src/config`).map((file) => readText(`src/config/${file}`));
  const collector = ['agent', 'gateway-agent', 'gateway'].map((name) =>
    readText(`otel-collector/${name}.yaml`),
  );
  const whole = [...read, ...collector, readText('scripts/collector.mjs')]
    .join('\n')
    .matchAll(/\b(?:AGENT_OTEL|OTEL|COLLECTOR|OTELCOL|ASH)(?:_[A-Z]+)*\b/g);
  const perSignal = read.join('\n').matchAll(/OTEL_EXPORTER_OTLP_\$\{signal\}([A-Z]+)/g);
  return new Set([
    ...[...whole].map(([name]) => name),
    ...[...perSignal].map(([, part = '']) => `OTEL_EXPORTER_OTLP_${part}`),
    // Put together in a list, and read by the SDK itself.
    'OTEL_EXPORTER_OTLP_CERTIFICATE',
    'OTEL_SERVICE_NAME',
  ]);
}

test('every variable is one that somebody reads', () => {
  const known = variables();
  const named = text.match(/\b(?:AGENT_OTEL|OTEL|COLLECTOR|OTELCOL)(?:_[A-Z]+)*\b/g) ?? [];
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});

test('every metric is one that somebody exposes or records', () => {
  const recorded = RULE_FILES.flatMap(rulesOf).flatMap(({ record }) => record ?? []);
  const names = [...DOCUMENTED_NAMES, ...CANONICAL_NAMES, ...COLLECTOR_NAMES];
  const isFamily = (name: string): boolean => names.includes(`${name}_count`);
  for (const span of spans) {
    const whole = span.replaceAll(/[a-z_]+_\*/g, (pattern) => {
      const prefix = pattern.slice(0, -1);
      assert.ok(
        names.some((name) => name.startsWith(prefix)),
        pattern,
      );
      return '';
    });
    if (!isFamily(whole)) assert.deepEqual(unknownIn(whole, recorded), [], span);
  }
});

const productOf = (sets: readonly (readonly unknown[] | null | undefined)[]): number =>
  sets.reduce((product, values) => product * (values?.length ?? 1), 1);

test('a tenant has as many series as the catalog allows', () => {
  const documented = SURFACES.flatMap(({ families }) => families)
    .filter(({ labels }) => labels.some(({ name }) => name === 'tenant'))
    .reduce((sum, { labels }) => sum + productOf(labels.map(({ values }) => values)), 0);
  const instruments: readonly InstrumentDeclaration[] = Object.values(INSTRUMENTS);
  const canonical = instruments
    .filter(({ attributes }) => attributes.some(({ key }) => key === 'agent.tenant.id'))
    .reduce((sum, { kind, attributes }) => {
      // Of a histogram without boundaries there is a sum and a count.
      return (
        sum + productOf(attributes.map(({ values }) => values)) * (kind === 'histogram' ? 2 : 1)
      );
    }, 0);
  assert.match(text, new RegExp(`up to ${documented} a tenant that uses all three routes`));
  assert.match(text, new RegExp(`up to ${canonical} a tenant `));
  const others = instruments.filter(
    ({ name }) => !/^(?:agent\.(?:request|provider|stream)|gen_ai|http)\./.test(name),
  );
  for (const { name, kind, attributes } of others) {
    const series =
      productOf(attributes.map(({ values }) => values)) * (kind === 'histogram' ? 17 : 1);
    assert.ok(series === 51 ? name === 'agent.exec.duration' : series <= 5, name);
  }
  for (const key of [
    'execDuration',
    'httpServerDuration',
    'genAiOperationDuration',
    'genAiTokenUsage',
  ] as const) {
    const { boundaries } = INSTRUMENTS[key];
    // And +Inf, the sum and the count.
    assert.equal(boundaries.length + 3, 17, key);
  }
});

test('the bounds are those of the code and of the configurations', () => {
  const { tenantLimit, batch, logBatch, metricExportIntervalMs } = readConfig({});
  const thousands = (value: number): string => value.toLocaleString('en');
  for (const sentence of [
    `gives ${thousands(tenantLimit)} tenants series of their own`,
    `\`OTEL_BSP_MAX_QUEUE_SIZE\` (${thousands(batch.maxQueueSize)})`,
    `\`OTEL_BSP_SCHEDULE_DELAY\` (${batch.scheduledDelayMillis / 1000} s)`,
    `\`OTEL_BLRP_MAX_EXPORT_BATCH_SIZE\` (${logBatch.maxSize})`,
    `\`OTEL_BLRP_SCHEDULE_DELAY\` (${logBatch.scheduledDelayMs / 1000} s)`,
  ]) {
    assert.ok(text.includes(sentence), sentence);
  }
  assert.equal(metricExportIntervalMs, 60_000, 'a minute');
  for (const [file, setting] of [
    ['src/otel/otlp-transport.ts', 'MAX_PENDING_BYTES = 8 << 20'],
    ['src/otel/otlp-transport.ts', 'EXIT_WAIT_MS = 1500'],
    ['src/log/sink.ts', 'MAX_PENDING = 4 << 20'],
    ['src/ledger/ledger.ts', 'OPEN_ATTRIBUTE_LIMIT = 1000'],
    ['otel-collector/agent.yaml', 'queue_size: 67108864'],
    ['otel-collector/agent.yaml', 'max_elapsed_time: 5m'],
    ['otel-collector/agent.yaml', 'COLLECTOR_MEMORY_MIB:-512}'],
    ['otel-collector/gateway-agent.yaml', 'queue_size: 67108864'],
    ['otel-collector/gateway-agent.yaml', 'max_elapsed_time: 5m'],
    ['otel-collector/gateway-agent.yaml', 'max_recv_msg_size_mib: 64'],
    ['otel-collector/gateway.yaml', 'metric_expiration: 5m'],
  ] as const) {
    assert.ok(readText(file).includes(setting), `${file}: ${setting}`);
  }
});
