import { EXPRESS_PEER, expressStacks } from '../lib/http-stacks.mjs';
import { REQUEST_WORK, requestRow } from '../lib/request-row.mjs';

export default {
  name: 'express',
  title: 'Request through Express 5, synchronous handler, `always_off`',
  work: `${REQUEST_WORK}, through Express 5 with one route.`,
  run: requestRow({ stacks: expressStacks, targets: [{ peer: EXPRESS_PEER, atMost: 0.6 }] }),
};
