import { plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request-awaits-node24',
  title: 'Request, handler with 10 awaits, `always_off`, on Node 24',
  work: `${REQUEST_WORK}; the handler awaits a resolved promise ten times before it answers. Every stack runs on Node 24.`,
  needs: ({ node24 }) =>
    node24 === undefined ? 'a Node 24: --node24 PATH or BENCH_NODE24' : undefined,
  run: requestRow({
    stacks: plainStacks,
    awaits: 10,
    node: ({ node24 }) => node24,
    targets: [{ peer: PROM_PINO, atMost: 0.5 }],
  }),
};
