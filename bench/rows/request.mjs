import { OTEL_HTTP_PEER, plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request',
  title: 'Request, synchronous handler, `always_off`',
  work: `${REQUEST_WORK}. Nothing is exported. Ours ends a recorded span for each line; the peers' unsampled spans reach no processor.`,
  run: requestRow({
    stacks: plainStacks,
    targets: [
      { peer: PROM_PINO, atMost: 0.5 },
      { peer: OTEL_HTTP_PEER, atMost: 0.4 },
    ],
  }),
};
