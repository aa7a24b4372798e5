import { OTEL_HTTP_PEER, plainStacks, PROM_PINO } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'request-sampled-1',
  title: 'Request, synchronous handler, 1 % sampled',
  work: `${REQUEST_WORK}. Ours, the SDK and auto-instrumentations send their sampled spans to the same OTLP sink over HTTP with protobuf, through batch processors with the standard settings; prom-client has no spans.`,
  run: requestRow({
    stacks: plainStacks,
    sampling: 'one',
    targets: [
      { peer: PROM_PINO, atMost: 0.5 },
      { peer: OTEL_HTTP_PEER, atMost: 0.4 },
    ],
  }),
};
