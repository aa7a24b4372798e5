import { counterFamilies, scrape, Watcher } from '../../../examples/start/samples.js';
import { Tally } from '../../../examples/start/tally.js';
import { waitFor } from '../../support/wait.js';

/** What the drivers of `npm start` keep their books with. */
export interface Watched {
  readonly tally: Tally;
  readonly watcher: Watcher;
}

/** Drives a server as `npm start` does; says which samples did not move as they should. */
export async function driveAndCheck(
  url: string,
  drive: (watched: Watched) => Promise<void>,
): Promise<string[]> {
  // The drivers expect an uptime that shows, and are done sooner on a fast machine.
  await waitFor(async () => (await scrape(url)).get('ash_uptime_seconds') !== 0);
  const before = await scrape(url);
  const watcher = new Watcher(url);
  const tally = new Tally();
  await drive({ tally, watcher });
  await watcher.stop();
  const after = await scrape(url);
  const counters = await counterFamilies(url);
  return tally.check({ before, after, peaks: watcher.peaks, counters });
}
