import { get } from '../lib/get.mjs';
import { inProcesses } from '../lib/in-process-row.mjs';
import { median } from '../lib/numbers.mjs';
import { OTEL, PROM, render, SERIES_WORK, seriesStacks } from '../lib/series-stacks.mjs';

const TENANTS = 5_000;
const TARGETS = [
  { peer: PROM, faster: 12 },
  { peer: OTEL, faster: 15 },
];

export default {
  name: 'scrape',
  title: 'One documented scrape, 45,000 series',
  work: `5,000 ${SERIES_WORK}. In the process: ours through the host's own router into a response that sends nothing, prom-client \`register.metrics()\`, OTel \`collect()\` and the stock serializer; over HTTP: until the last byte has arrived, uncompressed. The text has every series.`,
  async run({ short, ours }) {
    const samples = await inProcesses({
      stacks: seriesStacks(ours),
      rounds: short ? 1 : 7,
      async once(subject) {
        await subject.ask('fill', TENANTS);
        await render(subject, { tenants: TENANTS, times: 3 });
        const rendered = await render(subject, { tenants: TENANTS, times: short ? 3 : 9 });
        const url = await subject.ask('metricsUrl');
        const fetched = [];
        for (let i = 0; i < (short ? 3 : 9); i++) fetched.push((await get(url)).ms);
        return { 'in the process': median(rendered), 'over HTTP': median(fetched) };
      },
    });
    return {
      measures: ['in the process', 'over HTTP'].map((name) => ({
        name,
        unit: 'ms',
        samples: samples.of(name),
        // Over HTTP everybody pays for moving four megabytes to another process.
        ...(name === 'in the process' && { targets: TARGETS }),
      })),
    };
  },
};
