import { strict as assert } from 'node:assert';
import { get, sumOf } from '../lib/get.mjs';
import { at, growth, sizesOf } from '../lib/growth.mjs';
import { oursOf } from '../lib/in-process-row.mjs';
import { freePort } from '../lib/machine.mjs';
import { interleave, Samples } from '../lib/measure.mjs';
import { median } from '../lib/numbers.mjs';
import { withSubjects } from '../lib/subject.mjs';
import { until } from '../lib/until.mjs';

/** Two files of 5,000 bytes, at the least. */
const LEAST_BYTES = 10_000;

export default {
  name: 'growth-sessions',
  title: 'Growth with live sessions and disk accounting',
  work: 'sessions with a directory of two small files each, measured at every scrape, beyond a quarter of a second beside it: time of `GET /api/v1/metrics` until the last byte, and the longest block of the event loop meanwhile.',
  async run({ short, ours }) {
    const sizes = sizesOf(short);
    const stacks = oursOf(ours, { file: 'sessions/host.cjs', preload: false });
    const samples = new Samples();
    await interleave(stacks, short ? 1 : 3, async (stack) => {
      const port = await freePort();
      const env = { ...stack.env, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
      const url = `http://127.0.0.1:${port}/api/v1/metrics`;
      await withSubjects([{ ...stack, env }], async ([subject]) => {
        try {
          for (const count of sizes) await scrape({ subject, url, count, samples, short });
        } finally {
          await subject.ask('remove');
        }
      });
    });
    const names = stacks.map(({ name }) => name);
    return {
      measures: ['scrape', 'block'].map((name) =>
        growth({
          name,
          unit: 'ms',
          stacks: names,
          sizes,
          isEach: false,
          samples: samples.of(name),
        }),
      ),
    };
  },
};

async function scrape({ subject, url, count, samples, short }) {
  await subject.ask('grow', count);
  let body = '';
  const disk = () => sumOf(body, /^wasmrun_agent_.*disk.*$/) ?? 0;
  await until(
    async () => {
      ({ body } = await get(url));
      return disk() >= count * LEAST_BYTES;
    },
    () => `${subject.name}: ${disk()} bytes of ${count} sessions`,
  );
  assert.equal(sumOf(body, /^wasmrun_agent_sessions_active$/), count, subject.name);
  await subject.ask('watch');
  const pages = [];
  for (let i = 0; i < (short ? 2 : 5); i++) pages.push(await get(url));
  const block = await subject.ask('watched');
  samples.add(at(subject.name, count), { scrape: median(pages.map(({ ms }) => ms)), block });
}
