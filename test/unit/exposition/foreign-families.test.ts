import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ForeignFamilies } from '../../../src/exposition/foreign-families.js';
import { createPrometheusBridge } from '../../../src/otel/prometheus-bridge.js';
import { textOf, samplesOf } from '../../support/exposition.js';
import type { ExpositionFamily } from '../../../src/exposition/text.js';

function read(...texts: string[]): { families: ExpositionFamily[]; conflicts: string[] } {
  const conflicts: string[] = [];
  const foreign = new ForeignFamilies((name) => conflicts.push(name));
  for (const text of texts) foreign.read(text);
  return { families: foreign.families(), conflicts };
}

/** Families with their samples as text. */
function shown(families: readonly ExpositionFamily[]): object[] {
  return families.map((family) => {
    const { name, type, help } = family;
    return { name, type, help, samples: samplesOf(family) };
  });
}

test('a name that two scopes have becomes one family with the samples of both', () => {
  const { families, conflicts } = read(
    '# HELP a First.\n# TYPE a counter\na{s="1"} 1\n' +
      '# HELP b B.\n# TYPE b gauge\nb 5\n' +
      '# HELP a Second.\n# TYPE a counter\na{s="2"} 2\n',
  );
  assert.deepEqual(shown(families), [
    { name: 'a', type: 'counter', help: 'First.', samples: 'a{s="1"} 1\na{s="2"} 2\n' },
    { name: 'b', type: 'gauge', help: 'B.', samples: 'b 5\n' },
  ]);
  assert.deepEqual(conflicts, []);
});

test('a name that a second scope has with another type is told, and its samples are left out', () => {
  const { families, conflicts } = read(
    '# HELP a First.\n# TYPE a counter\na 1\n# HELP a Second.\n# TYPE a gauge\na 2\n',
  );
  assert.deepEqual(shown(families), [
    { name: 'a', type: 'counter', help: 'First.', samples: 'a 1\n' },
  ]);
  assert.deepEqual(conflicts, ['a']);
});

test('slices of one metric become one family', () => {
  const slice = (n: number): string => `# HELP a A.\n# TYPE a counter\na{s="${n}"} ${n}\n`;
  const { families } = read('# HELP t T.\n# TYPE t gauge\nt 1\n', slice(1), slice(2));
  assert.deepEqual(shown(families), [
    { name: 't', type: 'gauge', help: 'T.', samples: 't 1\n' },
    { name: 'a', type: 'counter', help: 'A.', samples: 'a{s="1"} 1\na{s="2"} 2\n' },
  ]);
});

test('samples of a histogram belong to its family', () => {
  const samples = 'a_bucket{le="1"} 1\na_bucket{le="+Inf"} 2\na_sum 3\na_count 2\n';
  const { families } = read(`# HELP a A.\n# UNIT a seconds\n# TYPE a histogram\n${samples}`);
  assert.deepEqual(shown(families), [{ name: 'a', type: 'histogram', help: 'A.', samples }]);
});

test('HELP is read back unescaped, so that writing it again changes nothing', () => {
  const text = '# HELP a one\\ntwo \\\\ three\n# TYPE a gauge\na 1\n';
  const { families } = read(text);
  assert.equal(families[0]?.help, 'one\ntwo \\ three');
  assert.equal(textOf(families), text);
});

test('a family without HELP does not take that of the family before', () => {
  const { families } = read('# HELP a A.\n# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n');
  assert.equal(families[1]?.help, '');
});

test('comments, empty lines and an empty text are nothing', () => {
  assert.deepEqual(read('').families, []);
  assert.deepEqual(read('# just a comment\n\n').families, []);
});

test('what the stock serializer writes for two scopes has one HELP and one TYPE a name', async (t) => {
  const bridge = createPrometheusBridge({
    collect: () =>
      Promise.resolve({
        resourceMetrics: {
          resource: {
            attributes: {},
            merge: (r) => r ?? ({} as never),
            getRawAttributes: () => [],
          },
          scopeMetrics: [],
        },
        errors: [],
      }),
  });
  const provider = new MeterProvider({ readers: [bridge.reader] });
  t.after(() => provider.shutdown());
  for (const scope of ['one', 'two']) {
    const meter = provider.getMeter(scope);
    meter.createCounter('host.jobs', { description: `Jobs of ${scope}.` }).add(1);
    meter.createHistogram('host.job.duration', { unit: 's' }).record(0.5);
  }
  const { families, conflicts } = read(...(await bridge.serialize()));
  const text = textOf(families);
  assert.equal(text.match(/^# TYPE host_jobs_total counter$/gm)?.length, 1);
  assert.equal(text.match(/^# HELP host_jobs_total /gm)?.length, 1);
  assert.equal(text.match(/^host_jobs_total\{/gm)?.length, 2);
  assert.equal(text.match(/^host_job_duration_count\{/gm)?.length, 2);
  assert.deepEqual(conflicts, []);
});
