// What a program answers to the bench over its IPC channel.
const { performance } = require('node:perf_hooks');

/** @param {Record<string, (argument: any) => unknown>} commands */
exports.answers = function answers(commands) {
  const all = { ready: () => ({}), usage, memory, watch, watched, ...commands };
  process.on('message', async ({ id, command, argument }) => {
    try {
      process.send({ id, result: await all[command](argument) });
    } catch (error) {
      process.send({ id, problem: error?.stack ?? String(error) });
    }
  });
};

/** Processor time of all threads, in microseconds. */
function usage() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Bytes that are in use, after a collection where the flag `--expose-gc` allows one. */
async function memory() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, used: heapUsed + external };
}

let timer;
let longest = 0;

/** Begins to look for the longest time that the event loop did nothing else. */
function watch() {
  let last = performance.now();
  longest = 0;
  timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
}

/** The longest time between two ticks of a timer of 1 ms, in milliseconds. */
function watched() {
  clearInterval(timer);
  return longest;
}
