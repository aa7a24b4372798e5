import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { waitFor } from '../../support/wait.js';
import { startProgram } from './processes.js';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** The value at each time; an instant vector has one. */
  readonly values: readonly (readonly [number, number])[];
}

export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: string;
  readonly lastError: string;
  readonly lastScrape: string;
}

/** A real Prometheus on a free port, with data of its own, that ends with the test. */
export interface Prometheus {
  readonly url: string;
  query(expression: string): Promise<Series[]>;
  /** The one value of an expression. */
  value(expression: string): Promise<number>;
  targets(): Promise<Target[]>;
  /** Waits until samples of every target from after this moment are stored. */
  scrapedAfter(timeMs: number): Promise<void>;
}

/** Starts Prometheus with these jobs, each indented as below `scrape_configs:`. */
export async function startPrometheus(
  t: TestContext,
  { jobs, global = '' }: { readonly jobs: readonly string[]; readonly global?: string },
): Promise<Prometheus> {
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-otel-prometheus-'));
  const config = path.join(directory, 'prometheus.yml');
  writeFileSync(config, `${global}scrape_configs:\n${jobs.join('')}`);
  const program = startProgram(t, {
    command: 'prometheus',
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(directory, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
  });
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const address = await program.says(/"Listening on" address=(127\.0\.0\.1:\d+)/);
  await program.says(/(Server is ready to receive web requests)/);
  const url = `http://${address}`;

  const targets = async (): Promise<Target[]> =>
    (await get<{ activeTargets: Target[] }>(`${url}/api/v1/targets?state=active`)).activeTargets;
  const query = async (expression: string): Promise<Series[]> => {
    const { result } = await get<{ result: RawSeries[] }>(
      `${url}/api/v1/query?query=${encodeURIComponent(expression)}`,
    );
    return result.map(({ metric, value, values = value && [value] }) => ({
      metric,
      values: (values ?? []).map(([time, text]) => [time, Number(text)] as const),
    }));
  };
  return {
    url,
    query,
    async value(expression) {
      const result = await query(expression);
      assert.equal(result.length, 1, `${expression} answers with ${JSON.stringify(result)}`);
      return result[0]?.values[0]?.[1] ?? NaN;
    },
    targets,
    async scrapedAfter(timeMs) {
      await waitFor(
        async () => {
          const active = await targets();
          const bad = active.find(({ lastError }) => lastError !== '');
          assert.equal(bad, undefined, `a scrape failed: ${JSON.stringify(bad)}`);
          // A target is reported as scraped before its samples can be queried.
          const fresh = await query(`(timestamp(up) > ${timeMs / 1000}) and up == 1`);
          return active.length > 0 && fresh.length === active.length;
        },
        { what: 'a scrape of every target', timeoutMs: 40_000 },
      );
    },
  };
}

interface RawSeries {
  readonly metric: Record<string, string>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

async function get<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as { status: string; data: T; error?: string };
  assert.equal(answer.status, 'success', answer.error);
  return answer.data;
}
