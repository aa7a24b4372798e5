import type { Watcher } from './samples.js';
import type { Tally } from './tally.js';
import { until } from './wait.js';

interface Session {
  readonly id: string;
}

const STATES = ['cold', 'warming', 'warm', 'waiting', 'running'];

/** Works an Ash-shaped server through everything its document can show. */
export async function driveAsh(
  url: string,
  { tally, watcher, capacity }: { tally: Tally; watcher: Watcher; capacity: number },
): Promise<void> {
  const post = (path: string, body: unknown = {}): Promise<Response> =>
    fetch(`${url}/api/sessions${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const create = async (agent: string): Promise<string> =>
    ((await (await post('', { agent })).json()) as { session: Session }).session.id;
  const say = async (id: string, content: string): Promise<string> =>
    (await post(`/${id}/messages`, { content })).text();
  const resume = async (id: string, path: 'warm' | 'cold'): Promise<void> => {
    if ((await post(`/${id}/resume`)).ok) tally.count(`ash_resume_total{path="${path}"}`);
  };

  const [first, second, third] = [
    await create('writer'),
    await create('coder'),
    await create('coder'),
  ];
  await Promise.all([
    say(first, 'tell me a story words:40'),
    say(second, 'sleep:300 slowly now'),
    say(third, 'hello there'),
  ]);
  for (const id of [first, second]) {
    await post(`/${id}/pause`);
    await resume(id, 'warm');
  }
  await post(`/${second}/stop`);
  await until(() => (watcher.latest.get('ash_pool_sandboxes{state="cold"}') ?? 0) >= 1);
  await resume(second, 'cold');
  await say(third, 'crash');
  await resume(third, 'cold');
  await say(third, 'back again');
  await fetch(`${url}/api/sessions/${third}`, { method: 'DELETE' });
  // The watcher looks now and then: a process that starts up is seen at one of a few tries.
  for (
    let i = 0;
    i < 5 && (watcher.peaks.get('ash_pool_sandboxes{state="warming"}') ?? 0) < 1;
    i++
  ) {
    await post(`/${second}/stop`);
    await resume(second, 'cold');
  }

  // The burst may be over before the first whole second is.
  await until(() => (watcher.latest.get('ash_uptime_seconds') ?? 0) >= 1);

  for (const state of STATES) tally.peaks(`ash_pool_sandboxes{state="${state}"}`, 1);
  tally.peaks('ash_up', 1);
  tally.peaks('ash_uptime_seconds', 1);
  tally.peaks('ash_active_sessions', 3);
  tally.peaks('ash_active_sandboxes', 3);
  tally.ends('ash_active_sessions', 2);
  tally.ends('ash_pool_sandboxes{state="waiting"}', 2);
  tally.ends('ash_pool_sandboxes{state="running"}', 0);
  tally.ends('ash_pool_max_capacity', capacity);
}
