import { strict as assert } from 'node:assert';
import { load } from './load.mjs';
import { freePort } from './machine.mjs';
import { interleave, Samples } from './measure.mjs';
import { startOtlpSink } from './otlp-sink.mjs';
import { withSubjects } from './subject.mjs';
import { countedRequests, verifyLoad, verifySignals } from './verify.mjs';

export const REQUEST_WORK =
  'a request over a kept-alive connection, 32 connections, a hundred tenants in turn: server ' +
  'span ended through a span processor, `X-Request-Id`, one access line into a pipe, HTTP ' +
  'duration histogram, in flight by tenant, started and completed by tenant and route';

const SAMPLERS = {
  off: { OTEL_TRACES_SAMPLER: 'always_off' },
  one: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
  all: { OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
};

/**
 * Measures what a request costs a saturated server, over the bare one.
 * @param {object} options
 * @param {(builds: readonly import('./ours.mjs').Ours[]) => import('./subject.mjs').Stack[]} options.stacks
 * @param {keyof typeof SAMPLERS} [options.sampling]
 * @param {number} [options.awaits] of the handler
 * @param {(context: any) => string} [options.node]
 * @param {readonly import('./measure.mjs').Target[]} options.targets
 */
export const requestRow =
  ({ stacks, sampling = 'off', awaits = 0, node, targets }) =>
  async (/** @type {any} */ context) => {
    const { short } = context;
    // Fresh processes, because a process compiles its code once, for better or worse.
    const [generations, rounds, warmUps, seconds] = short ? [1, 1, 1, 1] : [3, 5, 3, 2];
    const samples = new Samples();
    const sink = sampling === 'off' ? undefined : await startOtlpSink();
    const common = {
      BENCH_AWAITS: String(awaits),
      ...SAMPLERS[sampling],
      ...(sink && {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.url,
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      }),
    };
    try {
      for (let generation = 0; generation < generations; generation++) {
        const all = [];
        for (const stack of stacks(context.ours)) {
          const port = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
          const env = { ...stack.env, ...common, ...port };
          all.push({ ...stack, env, ...(node && { node: node(context) }) });
        }
        await withSubjects(all, async (subjects) => {
          for (const { ready } of subjects) await load(ready.url, warmUps);
          await interleave(subjects, rounds, (subject) =>
            measure(subject, { samples, seconds, sink }),
          );
        });
      }
    } finally {
      sink?.close();
    }
    const over = 'bare';
    return {
      measures: [
        { name: 'time', unit: 'µs', over, samples: samples.of('time'), targets },
        { name: 'processor', unit: 'µs', over, samples: samples.of('processor') },
        ...(sink ? [{ name: 'spans that arrived', unit: '%', samples: samples.of('spans') }] : []),
      ],
    };
  };

async function measure(subject, { samples, seconds, sink }) {
  const isBare = subject.name === 'bare';
  if (!isBare) await verifySignals(subject);
  const linesBefore = subject.lines.lines;
  const countedBefore = isBare ? 0 : await countedRequests(subject);
  sink?.take();
  const before = await subject.ask('usage');
  const { requests, perSecond } = await load(subject.ready.url, seconds);
  const after = await subject.ask('usage');
  if (!isBare) {
    await verifyLoad(subject, { requests, linesBefore });
    const counted = (await countedRequests(subject)) - countedBefore;
    assert.ok(counted >= requests, `${subject.name}: ${requests} requests, ${counted} counted`);
  }
  samples.add(subject.name, {
    time: 1e6 / perSecond,
    processor: (after - before) / requests,
    ...(sink && { spans: (100 * sink.take()) / requests }),
  });
}
