import { get } from '../lib/get.mjs';
import { inProcesses } from '../lib/in-process-row.mjs';
import { render, SERIES_WORK, seriesStacks } from '../lib/series-stacks.mjs';
import { withSubjects } from '../lib/subject.mjs';

const TENANTS = 50_000;
/** Where time is short. */
const FEWER = 10_000;
const PROBE = { name: 'probe', file: 'lib/probe.cjs', elsewhere: true };

export default {
  name: 'scrape-block',
  title: 'Longest event-loop block during a scrape of 450,000 series',
  work: `50,000 ${SERIES_WORK}, scraped over HTTP. The block is the longest time between two ticks of a timer of 1 ms in the server; the probe the slowest of small requests that another process makes of it meanwhile.`,
  async run({ short, ours }) {
    const tenants = short ? FEWER : TENANTS;
    const samples = await inProcesses({
      stacks: seriesStacks(ours),
      rounds: short ? 1 : 5,
      once: (subject) =>
        withSubjects([PROBE], async ([probe]) => {
          await subject.ask('fill', tenants);
          await render(subject, { tenants, times: 1 });
          const url = await subject.ask('metricsUrl');
          await probe.ask('begin', await subject.ask('pingUrl'));
          await subject.ask('watch');
          const { ms } = await get(url);
          const block = await subject.ask('watched');
          return { block, probe: await probe.ask('end'), scrape: ms };
        }),
    });
    return {
      notes: short ? [`A short run: ${FEWER} tenants instead of ${TENANTS}.`] : [],
      measures: [
        { name: 'block', unit: 'ms', samples: samples.of('block'), targets: [{ below: 25 }] },
        { name: 'probe', unit: 'ms', samples: samples.of('probe') },
        { name: 'scrape', unit: 'ms', samples: samples.of('scrape') },
      ],
    };
  },
};
