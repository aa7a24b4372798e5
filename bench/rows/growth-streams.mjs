import { strict as assert } from 'node:assert';
import { get, sumOf } from '../lib/get.mjs';
import { at, growth, sizesOf } from '../lib/growth.mjs';
import { oursOf } from '../lib/in-process-row.mjs';
import { freePort } from '../lib/machine.mjs';
import { interleave, Samples } from '../lib/measure.mjs';
import { median } from '../lib/numbers.mjs';
import { withSubjects } from '../lib/subject.mjs';
import { until } from '../lib/until.mjs';

const FILE = 'streams/host.cjs';
const FLAGS = ['--expose-gc'];
const HOLDER = { name: 'clients', file: 'streams/holder.cjs', elsewhere: true };
const EVENTS = 20_000;

export default {
  name: 'growth-streams',
  title: 'Growth with open streams of server-sent events',
  work: 'clients hold more and more streams open: memory in use for each stream after a collection, processor time of the server for one event of 200 bytes to one stream, and the time of a scrape of `/metrics` of the admin listener.',
  async run({ short, ours }) {
    const sizes = sizesOf(short);
    const stacks = [
      { name: 'bare', file: FILE, flags: FLAGS },
      ...oursOf(ours, { file: FILE, flags: FLAGS }),
    ];
    const samples = new Samples();
    await interleave(stacks, short ? 1 : 3, async (stack) => {
      const port = await freePort();
      const env = { ...stack.env, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
      await withSubjects([{ ...stack, env }, HOLDER], async ([subject, holder]) => {
        const admin = stack.name === 'bare' ? undefined : `http://127.0.0.1:${port}/metrics`;
        await grow({ subject, holder, admin, sizes, samples });
      });
    });
    const names = stacks.map(({ name }) => name);
    const followed = names.filter((name) => name !== 'bare');
    const of = (name, unit, isEach, which) =>
      growth({ name, unit, stacks: which, sizes, isEach, samples: samples.of(name) });
    return {
      measures: [
        of('memory', 'KiB', true, names),
        of('event', 'µs', true, names),
        of('scrape', 'ms', false, followed),
      ],
    };
  },
};

/** One server, with ever more streams. */
async function grow({ subject, holder, admin, sizes, samples }) {
  const { port } = await subject.ask('url');
  const before = await subject.ask('memory');
  for (const count of sizes) {
    await holder.ask('hold', { port, count });
    await until(
      async () => (await subject.ask('open')) === count,
      () => 'streams are missing',
    );
    const { used } = await subject.ask('memory');
    const times = Math.max(3, Math.round(EVENTS / count));
    await subject.ask('send', times);
    const event = await subject.ask('send', times);
    samples.add(at(subject.name, count), { memory: (used - before.used) / count / 1024, event });
    if (admin === undefined) continue;
    const pages = [];
    for (let i = 0; i < 9; i++) pages.push(await get(admin));
    assert.equal(sumOf(pages[0].body, /^agent_stream_active$/), count, subject.name);
    samples.add(at(subject.name, count), { scrape: median(pages.map(({ ms }) => ms)) });
  }
}
