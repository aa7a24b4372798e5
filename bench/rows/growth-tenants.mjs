import { at, growth, sizesOf } from '../lib/growth.mjs';
import { inProcesses } from '../lib/in-process-row.mjs';
import { median } from '../lib/numbers.mjs';
import { LOOP, recordOnce, recordStacks } from '../lib/record-stacks.mjs';
import { render, SERIES_WORK, seriesStacks } from '../lib/series-stacks.mjs';

const SERIES_OF_TENANT = 10;

export default {
  name: 'growth-tenants',
  title: 'Growth with tenants',
  work: `as in \`record\` and \`scrape\`, with more and more tenants: nanoseconds of an event, the tenants in turn, and of a rendered series (${SERIES_WORK}).`,
  async run({ short, ours }) {
    const sizes = sizesOf(short);
    const rounds = short ? 1 : 5;
    const recording = recordStacks(ours).filter(({ name }) => name !== LOOP);
    const events = await inProcesses({
      stacks: sizes.flatMap((size) =>
        recording.map((stack) => ({ ...stack, name: at(stack.name, size), size })),
      ),
      rounds,
      once: async (subject, { size }) => ({ event: await recordOnce(subject, size) }),
    });
    const rendering = seriesStacks(ours);
    const scrapes = await inProcesses({
      stacks: sizes.flatMap((size) =>
        rendering.map((stack) => ({ ...stack, name: at(stack.name, size), size })),
      ),
      rounds,
      async once(subject, { size: tenants }) {
        await subject.ask('fill', tenants);
        // As many series in all, so that small pages are measured as well as large ones.
        const times = Math.min(200, Math.ceil(30_000 / tenants));
        await render(subject, { tenants, times });
        const ms = median(await render(subject, { tenants, times }));
        return { series: (ms * 1e6) / (tenants * SERIES_OF_TENANT) };
      },
    });
    const names = (stacks) => stacks.map(({ name }) => name);
    const common = { unit: 'ns', sizes, isEach: true };
    return {
      measures: [
        growth({ name: 'event', stacks: names(recording), samples: events.of('event'), ...common }),
        growth({
          name: 'rendered series',
          stacks: names(rendering),
          samples: scrapes.of('series'),
          ...common,
        }),
      ],
    };
  },
};
