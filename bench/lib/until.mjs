import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a condition.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {() => string} problem what is thrown when it stays false
 * @param {number} [patienceMs]
 */
export async function until(condition, problem, patienceMs = 10_000) {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(problem());
    await sleep(5);
  }
}
