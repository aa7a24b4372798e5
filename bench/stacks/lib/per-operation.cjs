// Nanoseconds for one of very many operations, by blocks of them.
const { performance } = require('node:perf_hooks');

const WARM_UP_MS = 400;

/**
 * @param {(times: number) => void} loop does the operation so many times
 * @param {{ blocks?: number, blockMs?: number }} [options]
 * @returns {{ ns: number, operations: number }} the median of the blocks, and how many were done
 */
exports.perOperation = function perOperation(loop, { blocks = 21, blockMs = 10 } = {}) {
  let operations = 0;
  const timed = (times) => {
    const before = performance.now();
    loop(times);
    operations += times;
    return performance.now() - before;
  };
  let times = 100;
  for (const until = performance.now() + WARM_UP_MS; performance.now() < until;) {
    if (timed(times) < blockMs) times *= 2;
  }
  const took = Array.from({ length: blocks }, () => timed(times) / times).sort((a, b) => a - b);
  return { ns: took[blocks >> 1] * 1e6, operations };
};
