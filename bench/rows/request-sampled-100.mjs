import { OTEL_HTTP_PEER, plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request-sampled-100',
  title: 'Request, synchronous handler, 100 % sampled',
  work: `${REQUEST_WORK}. As with 1 %, and each stack drops what its batch processor cannot get rid of: how many spans arrived stands beside.`,
  run: requestRow({
    stacks: plainStacks,
    sampling: 'all',
    targets: [
      { peer: PROM_PINO, atMost: 0.5 },
      { peer: OTEL_HTTP_PEER, atMost: 0.4 },
    ],
  }),
};
