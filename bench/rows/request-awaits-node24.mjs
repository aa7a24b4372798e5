import { AUTO, plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request-awaits-node24',
  title: 'Request, handler with 10 awaits, `always_off`, on Node 24',
  work: `${REQUEST_WORK}; the handler awaits a resolved promise ten times before it answers. Every stack runs on Node 24; auto-instrumentations-node is left out, whose pinned version makes no span of a request there.`,
  needs: ({ node24 }) =>
    node24 === undefined ? 'a Node 24: --node24 PATH or BENCH_NODE24' : undefined,
  run: requestRow({
    // The pinned auto-instrumentations make no span of a request on Node 24.
    stacks: (builds) => plainStacks(builds).filter(({ name }) => name !== AUTO),
    awaits: 10,
    node: ({ node24 }) => node24,
    targets: [{ peer: PROM_PINO, atMost: 0.5 }],
  }),
};
