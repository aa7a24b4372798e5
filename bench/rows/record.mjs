import { inProcesses } from '../lib/in-process-row.mjs';
import { LOOP, OTEL_ADD, PROM_INC, recordOnce, recordStacks } from '../lib/record-stacks.mjs';

const TENANTS = 100;

export default {
  name: 'record',
  title: 'Recording one labelled event',
  work: 'counts a refused request by tenant and reason, for a hundred tenants in turn, in a loop whose own cost is taken off; a fresh process for each round; the metrics afterwards have every event. Ours: `request.rateLimited({ tenant, reason })`, outside of an HTTP request.',
  async run({ short, ours }) {
    const samples = await inProcesses({
      stacks: recordStacks(ours),
      rounds: short ? 1 : 11,
      once: async (subject) => ({ event: await recordOnce(subject, TENANTS) }),
    });
    return {
      measures: [
        {
          name: 'event',
          unit: 'ns',
          over: LOOP,
          samples: samples.of('event'),
          // A handle that is held has a target of its own (30 × a bound child): its stack goes
          // into record-stacks.mjs as `ours, held` once the public API has one.
          targets: [
            { peer: PROM_INC, faster: 4 },
            { peer: OTEL_ADD, faster: 12 },
          ],
        },
      ],
    };
  },
};
