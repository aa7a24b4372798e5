import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { counterFamilies, scrape, Watcher, type Samples } from '../../../examples/start/samples.js';
import { Tally } from '../../../examples/start/tally.js';
import { waitFor } from '../../support/wait.js';
import type { Watched } from './driven.js';
import { startExample, type ExampleName, type TwinName } from './example-server.js';

/** How a server is started and driven. */
export interface Setting {
  /** Its documented path, and the headers that it wants. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly drive: (url: string, watched: Watched) => Promise<void>;
}

/** What was seen of a server after its traffic. */
export interface Seen {
  /** Its documented samples; of counters what the answers do not account for. */
  readonly samples: Samples;
  /** Its lines without what no two runs share, sorted; those of scrapes left out. */
  readonly lines: readonly string[];
}

/** Drives a server and its twin, one after the other. */
export async function driveAlike(
  t: TestContext,
  name: ExampleName,
  setting: Setting,
): Promise<{ called: Seen; uncalled: Seen }> {
  return {
    called: await drive(t, name, setting),
    uncalled: await drive(t, `twins/${name}`, setting),
  };
}

async function drive(
  t: TestContext,
  name: ExampleName | TwinName,
  setting: Setting,
): Promise<Seen> {
  const { path, headers = {}, args, env = {} } = setting;
  const server = await startExample(t, name, { args, env });
  const documented = server.url + path;
  const before = await scrape(documented, headers);
  const watcher = new Watcher(documented, headers);
  const tally = new Tally();
  await setting.drive(server.url, { tally, watcher });
  await watcher.stop();
  const after = await settled(() => scrape(documented, headers));
  const counters = await counterFamilies(documented, headers);
  await server.stop();
  const { peaks } = watcher;
  if (Object.keys(headers).length === 0) {
    const problems = tally.check({ before, after, peaks, counters });
    // Sums are compared with each other: without a call an execution begins with its worker.
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('_ms_sum')),
      [],
      name,
    );
  }
  // Under load a circuit may open a request sooner: what the answers said is not compared twice.
  const samples = new Map(
    [...after].map(([sample, value]) => [sample, value - tally.counted(sample)]),
  );
  return {
    samples,
    lines: server
      .lines()
      .flatMap((line) => comparable(line, path))
      .sort(),
  };
}

/** Scrapes until nothing moves any more: a sandbox may just be starting. */
async function settled(look: () => Promise<Samples>): Promise<Samples> {
  let last = await look();
  let still = 0;
  await waitFor(async () => {
    const next = await look();
    const same = [...next].every(
      ([name, value]) => name.includes('uptime') || last.get(name) === value,
    );
    still = same ? still + 1 : 0;
    last = next;
    return still >= 5;
  });
  return last;
}

const ACCESS =
  /^ts=\S+ id=[0-9a-f]{16} method=(\S+) path=(\S+) status=(\d+) dur_ms=\d+ tenant=(\S+)$/;

/** A line without its times and ids; nothing of one that this is not about. */
function comparable(line: string, documentedPath: string): string[] {
  const [, method = '', path = '', status = '', tenant = ''] = ACCESS.exec(line) ?? [];
  if (path === documentedPath && method === 'GET') return [];
  if (path !== '') {
    return [`${method} ${path.replace(/[0-9a-f]{32}/, ':id')} ${status} ${tenant}`];
  }
  if (!line.startsWith('{')) return [];
  const {
    type,
    path: resumePath,
    agentName,
    eventCount,
    sandboxId,
  } = JSON.parse(line) as Record<string, unknown>;
  if (type === 'resume_hit') return [`${type} ${String(resumePath)} ${String(agentName)}`];
  return type === 'timing'
    ? [`${type} ${String(eventCount)} events, in a sandbox: ${sandboxId !== ''}`]
    : [];
}
