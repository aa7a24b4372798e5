import { plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request-awaits',
  title: 'Request, handler with 10 awaits, `always_off`',
  work: `${REQUEST_WORK}; the handler awaits a resolved promise ten times before it answers.`,
  run: requestRow({
    stacks: plainStacks,
    awaits: 10,
    targets: [{ peer: PROM_PINO, atMost: 0.85 }],
  }),
};
