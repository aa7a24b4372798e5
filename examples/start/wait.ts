import { setTimeout as sleep } from 'node:timers/promises';

export const pause = (ms: number): Promise<void> => sleep(ms);

/** Waits until `probe` is true, or gives up after `ms`: what follows will show it. */
export async function until(
  probe: () => boolean | Promise<boolean>,
  { ms = 5000 }: { ms?: number } = {},
): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await probe()) && Date.now() < deadline) await pause(20);
}
