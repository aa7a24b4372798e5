import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest that a page is worked on before the event loop has a turn, in milliseconds. */
const SLICE_MS = 5;

/**
 * Goes through work that pauses now and then, and lets the event loop have its turn in the
 * pauses: a scrape of half a million series must not hold up the requests of the host. Yields
 * after each slice but the last one, and in every pause in which `isEnough` says that there is enough to be taken.
 */
export async function* slicesOf(
  work: Iterable<void>,
  isEnough: () => boolean = () => false,
): AsyncGenerator<void, void, void> {
  let deadline = performance.now() + SLICE_MS;
  const pieces = work[Symbol.iterator]();
  while (pieces.next().done !== true) {
    const isDue = performance.now() >= deadline;
    if (isDue || isEnough()) yield;
    if (!isDue) continue;
    await nextTurn();
    deadline = performance.now() + SLICE_MS;
  }
}

/** Does such work to its end. */
export async function inSlices(work: Iterable<void>): Promise<void> {
  const slices = slicesOf(work);
  while ((await slices.next()).done !== true);
}
