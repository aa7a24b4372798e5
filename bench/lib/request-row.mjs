import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './get.mjs';
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
    const [generations, rounds, seconds] = short ? [1, 1, 1] : [6, 4, 1];
    const samples = new Samples();
    const sink = sampling === 'off' ? undefined : await startOtlpSink();
    const common = { BENCH_AWAITS: String(awaits), ...SAMPLERS[sampling] };
    try {
      for (let generation = 0; generation < generations; generation++) {
        const all = [];
        for (const [i, stack] of stacks(context.ours).entries()) {
          const port = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
          const sender = `${generation}stack${i}`;
          const env = { ...stack.env, ...common, ...port, ...(sink && sendingTo(sink, sender)) };
          all.push({ ...stack, sender, env, ...(node && { node: node(context) }) });
        }
        await withSubjects(all, async (subjects) => {
          await warmUp(subjects, short);
          await interleave(subjects, rounds, (subject) => measure(subject, { samples, seconds }));
          if (sink === undefined) return;
          await sleep(BATCH_DELAY_MS);
          for (const [i, subject] of subjects.entries()) {
            const spans = sink.spansOf(all[i].sender);
            if (spans === 0) continue;
            const share = (100 * spans) / (await countedRequests(subject));
            samples.add(subject.name, { 'spans that arrived': share });
          }
        });
      }
    } finally {
      sink?.close();
    }
    const over = 'bare';
    const spans = { name: 'spans that arrived', unit: '%', alone: true };
    return {
      measures: [
        { name: 'time', unit: 'µs', over, samples: samples.of('time'), targets },
        { name: 'processor', unit: 'µs', over, samples: samples.of('processor') },
        ...(sink ? [{ ...spans, samples: samples.of(spans.name) }] : []),
      ],
    };
  };

/** The standard schedule of a batch processor is five seconds. */
const BATCH_DELAY_MS = 6_000;

const sendingTo = (sink, sender) => ({
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: sink.urlOf(sender),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
});

/**
 * Until their code has been compiled: one by one, or where time is short side by side. What is
 * asked between two rounds is asked here as well: code that sees it for the first time in a round
 * is compiled anew in that round.
 */
async function warmUp(subjects, short) {
  if (short) {
    await Promise.all(subjects.map(({ ready }) => load(ready.url, 2)));
    return;
  }
  for (const subject of subjects) {
    for (let i = 0; i < 2; i++) {
      await load(subject.ready.url, 2);
      await verify(subject);
    }
  }
}

/** The bare server is asked what the others are asked, and has nothing to show. */
async function verify(subject) {
  if (subject.name === 'bare') await get(subject.ready.url);
  else await verifySignals(subject);
}

async function measure(subject, { samples, seconds }) {
  const isBare = subject.name === 'bare';
  await verify(subject);
  const linesBefore = subject.lines.lines;
  const countedBefore = isBare ? 0 : await countedRequests(subject);
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
  });
}
