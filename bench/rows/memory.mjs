import { inProcesses } from '../lib/in-process-row.mjs';
import { PROM, renderOnce, SERIES_WORK, seriesStacks } from '../lib/series-stacks.mjs';

const TENANTS = 50_000;
/** Where time is short. */
const FEWER = 10_000;
const MIB = 2 ** 20;
const TARGETS = [{ peer: PROM, atMost: 0.5 }];

export default {
  name: 'memory',
  title: 'Memory of 450,000 series',
  work: `50,000 ${SERIES_WORK}. After one scrape whose reader keeps up and a collection, less the same process before it had any: what is in use (heap and external), and what is resident.`,
  async run({ short, ours }) {
    const tenants = short ? FEWER : TENANTS;
    const samples = await inProcesses({
      stacks: seriesStacks(ours, ['--expose-gc']),
      rounds: short ? 1 : 5,
      async once(subject) {
        const before = await subject.ask('memory');
        await subject.ask('fill', tenants);
        const filled = await subject.ask('memory');
        await renderOnce(subject, tenants);
        const scraped = await subject.ask('memory');
        return {
          'in use before a scrape': (filled.used - before.used) / MIB,
          'in use': (scraped.used - before.used) / MIB,
          resident: (scraped.rss - before.rss) / MIB,
        };
      },
    });
    return {
      notes: short ? [`A short run: ${FEWER} tenants instead of ${TENANTS}.`] : [],
      measures: [
        { name: 'in use', unit: 'MiB', samples: samples.of('in use'), targets: TARGETS },
        { name: 'resident', unit: 'MiB', samples: samples.of('resident'), targets: TARGETS },
        {
          name: 'in use before a scrape',
          unit: 'MiB',
          samples: samples.of('in use before a scrape'),
        },
      ],
    };
  },
};
