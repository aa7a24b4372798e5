import { pause } from './wait.js';

/** Samples of a scrape by name and labels, as the exposition writes them. */
export type Samples = ReadonlyMap<string, number>;

/** Reads one documented path. */
export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Samples> {
  const response = await fetch(url, { headers });
  const samples = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const [, name, value] = /^([a-z0-9_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) samples.set(name, Number(value));
  }
  return samples;
}

/** Names of the counter families of a scrape. */
export async function counterFamilies(
  url: string,
  headers: Record<string, string> = {},
): Promise<Set<string>> {
  const text = await (await fetch(url, { headers })).text();
  return new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map((match) => match[1] ?? ''));
}

/** Scrapes in the background and keeps the highest value that each sample has shown. */
export class Watcher {
  readonly peaks = new Map<string, number>();
  /** The latest scrape. */
  latest: Samples = new Map();
  readonly #done: Promise<void>;
  #stopped = false;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#done = this.#watch(url, headers);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #watch(url: string, headers: Record<string, string>): Promise<void> {
    while (!this.#stopped) {
      // A server that has ended is somebody else's to report.
      this.latest = await scrape(url, headers).catch(() => this.latest);
      for (const [name, value] of this.latest) {
        this.peaks.set(name, Math.max(value, this.peaks.get(name) ?? -Infinity));
      }
      await pause(25);
    }
  }
}
