import type { Watcher } from './samples.js';
import type { Tally } from './tally.js';
import { until } from './wait.js';

interface Execution {
  readonly result: 'success' | 'error' | 'timeout';
  readonly truncated: boolean;
  readonly duration_ms: number;
}

const MAX_CONCURRENT = 4;
const p = (name: string): string => `wasmrun_agent_${name}`;

/** Works a wasmrun-shaped server through everything its document can show. */
export async function driveWasmrun(
  url: string,
  {
    tally,
    watcher,
    headers = {},
  }: { tally: Tally; watcher: Watcher; headers?: Record<string, string> },
): Promise<void> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  async function createSession(options: object = {}): Promise<string> {
    tally.count(p('sessions_created_total'));
    return ((await (await post('/sessions', options)).json()) as { id: string }).id;
  }

  async function execute(session: string, code: string, timeoutMs = 5000): Promise<Execution> {
    const response = await post(`/sessions/${session}/exec`, { code, timeout_ms: timeoutMs });
    const execution = (await response.json()) as Execution;
    tally.count(`${p('exec_total')}{result="${execution.result}"}`);
    tally.count(p('exec_duration_ms_count'));
    // The answer rounds its duration, and the sum has its own fractions.
    tally.atLeast(p('exec_duration_ms_sum'), Math.max(0, Math.floor(execution.duration_ms) - 1));
    if (execution.truncated) tally.count(p('output_truncated_total'));
    return execution;
  }

  const [first, second] = await Promise.all([
    createSession({ memory_cap_pages: 1024 }),
    createSession(),
    createSession({ timeout_s: 1 }),
  ]);
  await fetch(`${url}/api/v1/sessions/${first}/files/notes/today.txt`, {
    method: 'PUT',
    headers,
    body: 'x'.repeat(20_000),
  });
  for (let i = 0; i < 4; i++) {
    await Promise.all([first, second].map((id) => execute(id, `console.log(${i} * 7)`)));
  }
  await execute(second, 'throw new Error("on purpose")');
  await execute(second, 'for (;;) {}', 200);
  await execute(second, 'console.log("x".repeat(200_000))');

  await refuseTheFifth({
    execute: (code, ms) => execute(first, code, ms),
    post,
    tally,
    watcher,
    first,
  });
  const tooLarge = await post(`/sessions/${first}/exec`, { code: ' '.repeat(2 << 20) });
  if (tooLarge.status === 413) tally.count(`${p('exec_rejected_total')}{reason="payload"}`);

  // The brief session expires: still tracked, no longer active, until it is cleaned up.
  await until(() => watcher.latest.get(p('sessions_active')) === 2);
  await fetch(`${url}/api/v1/sessions/${second}`, { method: 'DELETE', headers });
  await until(() => watcher.latest.get(p('sessions_total')) === 1, { ms: 8000 });

  tally.peaks(p('sessions_active'), 3);
  tally.peaks(p('sessions_total'), 3);
  tally.peaks(p('exec_in_flight'), MAX_CONCURRENT);
  tally.peaks(p('sessions_disk_bytes'), 20_000);
  tally.ends(p('sessions_active'), 1);
  tally.ends(p('sessions_total'), 1);
  tally.ends(p('exec_in_flight'), 0);
}

/** Fills the server with executions that will time out, and is turned away with one more. */
async function refuseTheFifth({
  execute,
  post,
  tally,
  watcher,
  first,
}: {
  execute: (code: string, timeoutMs: number) => Promise<Execution>;
  post: (path: string, body: unknown) => Promise<Response>;
  tally: Tally;
  watcher: Watcher;
  first: string;
}): Promise<void> {
  const busy = Array.from({ length: MAX_CONCURRENT }, () => execute('for (;;) {}', 1000));
  await until(() => watcher.latest.get(p('exec_in_flight')) === MAX_CONCURRENT);
  const refused = await post(`/sessions/${first}/exec`, { code: '1' });
  if (refused.status === 429) tally.count(`${p('exec_rejected_total')}{reason="concurrency"}`);
  await Promise.all(busy);
}

/** Asks a server in auth mode without a key and with a wrong one. */
export async function driveUnauthorized(url: string, tally: Tally): Promise<void> {
  const attempts: Record<string, string>[] = [{}, { authorization: 'Bearer not-a-key' }];
  for (const headers of attempts) {
    for (const path of ['/api/v1/metrics', '/api/v1/sessions']) {
      const method = path.endsWith('metrics') ? 'GET' : 'POST';
      const { status } = await fetch(`${url}${path}`, { method, headers });
      if (status === 401) tally.count(`${p('exec_rejected_total')}{reason="unauthorized"}`);
    }
  }
}
