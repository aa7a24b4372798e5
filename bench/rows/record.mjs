import { inProcesses } from '../lib/in-process-row.mjs';
import {
  LOOP,
  OTEL_ADD,
  HELD,
  PROM_BOUND,
  PROM_INC,
  recordOnce,
  recordStacks,
} from '../lib/record-stacks.mjs';

const TENANTS = 100;

export default {
  name: 'record',
  title: 'Recording one labelled event',
  work: 'counts a refused request by tenant and reason, for a hundred tenants in turn, in a loop whose own cost is taken off; a fresh process for each round; the metrics afterwards have every event. Ours: `request.rateLimited({ tenant, reason })`, outside of an HTTP request, and `request.limiter({ tenant, reason }).refused()` with the limiters held.',
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
          targets: [
            { ours: 'ours', peer: PROM_INC, faster: 4 },
            { ours: 'ours', peer: OTEL_ADD, faster: 12 },
            { ours: `ours${HELD}`, peer: PROM_BOUND, faster: 30 },
          ],
        },
      ],
    };
  },
};
