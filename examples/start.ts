// Starts the example servers, drives real work through all of them, checks that every
// documented metric moved as it should, and keeps serving until Ctrl-C (`--once`: exits).
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BREAKER_RESET_MS, driveArbiter } from './start/drive-arbiter.js';
import { driveAsh } from './start/drive-ash.js';
import { driveUnauthorized, driveWasmrun } from './start/drive-wasmrun.js';
import { counterFamilies, scrape, Watcher } from './start/samples.js';
import { startServer, type RunningServer, type ServerPlan } from './start/servers.js';
import { Tally } from './start/tally.js';

const KEY = 'wasmrun-demo-key';
const KEY_FILE = fileURLToPath(new URL('../demo-keys.txt', import.meta.url));
const AUTHORIZED = { authorization: `Bearer ${KEY}` };
const ASH_CAPACITY = 8;

interface Demo {
  readonly plan: ServerPlan;
  readonly drive: (url: string, watched: { tally: Tally; watcher: Watcher }) => Promise<void>;
}

const DEMOS: readonly Demo[] = [
  {
    plan: {
      name: 'wasmrun',
      example: 'wasmrun',
      port: 8430,
      adminPort: 9464,
      args: ['--clean-interval-ms', '2000'],
      probe: { path: '/api/v1/metrics' },
    },
    drive: driveWasmrun,
  },
  {
    plan: {
      name: 'ash',
      example: 'ash',
      port: 4100,
      adminPort: 9465,
      args: ['--max-sandboxes', String(ASH_CAPACITY)],
      probe: { path: '/metrics' },
    },
    drive: (url, watched) => driveAsh(url, { ...watched, capacity: ASH_CAPACITY }),
  },
  {
    plan: {
      name: 'arbiter',
      example: 'arbiter',
      port: 8080,
      adminPort: 9466,
      args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
      probe: { path: '/v1/metrics' },
    },
    drive: driveArbiter,
  },
  {
    plan: {
      name: 'wasmrun-auth',
      example: 'wasmrun',
      port: 8431,
      adminPort: 9467,
      args: ['--auth', KEY_FILE],
      probe: { path: '/api/v1/metrics', headers: AUTHORIZED },
    },
    drive: (url, { tally }) => driveUnauthorized(url, tally),
  },
];

const once = process.argv.includes('--once');
const servers: RunningServer[] = [];
const stopping = Promise.race(
  (['SIGINT', 'SIGTERM'] as const).map(
    (signal) =>
      new Promise<'stopped'>((resolve) =>
        process.once(signal, () => {
          resolve('stopped');
        }),
      ),
  ),
);

/** Progress is for somebody who watches; a log gets the results alone. */
function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text}`);
}

async function runDemo({ plan, drive }: Demo, server: RunningServer): Promise<string[]> {
  const url = `${server.url}${plan.probe.path}`;
  const { headers } = plan.probe;
  const before = await scrape(url, headers);
  const watcher = new Watcher(url, headers);
  const tally = new Tally();
  await drive(server.url, { tally, watcher });
  await watcher.stop();
  const after = await scrape(url, headers);
  const counters = await counterFamilies(url, headers);
  const problems = tally.check({ before, after, peaks: watcher.peaks, counters });
  return problems.map((problem) => `${plan.name}: ${problem}`);
}

async function burst(): Promise<string[]> {
  let finished = 0;
  const startedAt = Date.now();
  const show = (): void => {
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
    progress(`driving real work through ${DEMOS.length} servers: ${finished} done, ${seconds} s`);
  };
  const ticker = setInterval(show, 200);
  try {
    const problems = await Promise.all(
      DEMOS.map(async (demo, i) => {
        const server = servers[i];
        const found = server === undefined ? [] : await runDemo(demo, server);
        finished++;
        show();
        return found;
      }),
    );
    return problems.flat();
  } finally {
    clearInterval(ticker);
    progress('');
  }
}

function describe(): string {
  return `
What to look at
  wasmrun  curl http://127.0.0.1:8430/api/v1/metrics
           curl "http://127.0.0.1:8430/api/v1/metrics?format=json"
  ash      curl http://127.0.0.1:4100/health
           curl http://127.0.0.1:4100/metrics
  arbiter  curl http://127.0.0.1:8080/v1/metrics
           curl "http://127.0.0.1:8080/v1/metrics?aggregate=tenant"
  auth     curl -H "Authorization: Bearer ${KEY}" http://127.0.0.1:8431/api/v1/metrics
  all      http://127.0.0.1:9464/metrics, and 9465 (ash), 9466 (arbiter), 9467 (auth)
  id       curl -i http://127.0.0.1:8430/api/v1/metrics | grep -i x-request-id
Lines they write
${servers.map(({ plan, logFile }) => `  ${plan.name.padEnd(13)} ${logFile}`).join('\n')}
`;
}

async function main(): Promise<number> {
  const hash = createHash('sha256').update(KEY).digest('hex');
  writeFileSync(KEY_FILE, `demo:${hash}\n`);
  for (const { plan } of DEMOS) {
    progress(`starting ${plan.name}`);
    servers.push(await startServer(plan));
  }
  const problems = await burst();
  for (const problem of problems) console.error(problem);
  const verdict =
    problems.length === 0
      ? 'Every documented metric moved as expected.'
      : `${problems.length} documented samples did not move as expected.`;
  console.log(verdict);
  if (!once) {
    console.log(describe());
    console.log('Serving until Ctrl-C.');
    await stopping;
  }
  return problems.length === 0 ? 0 : 1;
}

try {
  const result = await Promise.race([main(), stopping]);
  process.exitCode = result === 'stopped' ? 0 : result;
} catch (error) {
  progress('');
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const server of servers) server.stop();
  await Promise.all(servers.map(({ ended }) => ended));
}
