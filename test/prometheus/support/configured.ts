import type { TestContext } from 'node:test';
import { startPrometheus, type Prometheus } from '../../integration/support/prometheus.js';
import { ROOT } from '../../support/paths.js';
import { readText } from './rules.js';

export const CONFIGURATION = 'prometheus/prometheus.yml';

/** What stands behind each port of `npm start` that the configuration scrapes. */
export type Targets = Readonly<Record<number, readonly string[]>>;

/**
 * Starts Prometheus with the configuration itself, but for other targets, absolute paths of
 * the rules and of the folder of targets, and a second where it waits for fifteen.
 */
export async function startConfigured(
  t: TestContext,
  targets: Targets,
  folder = `${ROOT}prometheus/targets`,
): Promise<Prometheus> {
  let text = readText(CONFIGURATION)
    .replaceAll('rules/', `${ROOT}prometheus/rules/`)
    .replaceAll('targets/', `${folder}/`)
    .replaceAll(/: 15s$/gm, ': 1s');
  for (const [port, urls] of Object.entries(targets)) {
    const hosts = urls.map((url) => `'${new URL(url).host}'`);
    text = text.replaceAll(`'localhost:${port}'`, hosts.join(', '));
  }
  const [global = '', jobs = ''] = text.split(/^scrape_configs:\n/m);
  return startPrometheus(t, { global, jobs: [jobs] });
}
