/** Clients that leave while their execution or their message is under way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor } from '../support/wait.js';
import { startExample } from './support/example-server.js';
import { scrape } from './support/exposition.js';

test('an execution whose client leaves ends as an error, and its access line says 499', async (t) => {
  const server = await startExample(t, 'wasmrun');
  const created = await fetch(`${server.url}/api/v1/sessions`, { method: 'POST' });
  const { id } = (await created.json()) as { id: string };
  const leaving = new AbortController();
  const left = fetch(`${server.url}/api/v1/sessions/${id}/exec`, {
    method: 'POST',
    body: JSON.stringify({ code: 'for (;;) {}', timeout_ms: 60_000 }),
    signal: leaving.signal,
  }).catch(() => 'left');
  const reads = async (sample: string, value: number): Promise<boolean> =>
    (await scrape(`${server.url}/api/v1/metrics`)).value(`wasmrun_agent_${sample}`) === value;
  await waitFor(() => reads('exec_in_flight', 1), { what: 'the execution to run' });
  leaving.abort();
  assert.equal(await left, 'left');
  await waitFor(() => reads('exec_in_flight', 0), { what: 'the execution to end' });

  const page = await scrape(`${server.url}/api/v1/metrics`);
  const of = (sample: string): number | undefined => page.value(`wasmrun_agent_${sample}`);
  assert.deepEqual(
    ['success', 'error', 'timeout'].map((result) => of(`exec_total{result="${result}"}`)),
    [0, 1, 0],
  );
  assert.equal(of('exec_duration_ms_count'), 1);
  const lines = await waitFor(() => {
    const found = server.lines().filter((line) => /^ts=.*\/exec /.test(line));
    return found.length > 0 && found;
  });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', new RegExp(` path=/api/v1/sessions/${id}/exec status=499 `));
});

test('a message whose client leaves is timed once, and its sandbox waits again', async (t) => {
  const server = await startExample(t, 'ash', { env: { ASH_DEBUG_TIMING: '1' } });
  const post = (path: string, body: object, signal?: AbortSignal): Promise<Response> =>
    fetch(`${server.url}/api/sessions${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  const created = await post('', { agent: 'a' });
  const { session } = (await created.json()) as { session: { id: string } };
  const leaving = new AbortController();
  const content = { content: 'sleep:50 words:5000 on and on' };
  const answer = await post(`/${session.id}/messages`, content, leaving.signal);
  const reader = answer.body?.getReader();
  let text = '';
  while (!text.includes('event: message')) {
    text += Buffer.from((await reader?.read())?.value ?? []).toString();
  }
  leaving.abort();
  const timing = await waitFor(() => server.lines().find((line) => line.includes('"timing"')));
  const { eventCount, firstEventMs, totalMs } = JSON.parse(timing) as Record<string, number>;
  assert.ok(eventCount !== undefined && eventCount >= 2 && eventCount < 1_250);
  assert.ok(firstEventMs !== undefined && firstEventMs >= 49);
  assert.ok(totalMs !== undefined && totalMs < 5_000);
  await waitFor(async () => {
    const page = await scrape(`${server.url}/metrics`);
    return page.value('ash_pool_sandboxes{state="running"}') === 0;
  });
  await (await post(`/${session.id}/messages`, { content: 'still there?' })).text();
  await waitFor(() => server.lines().filter((line) => line.includes('"timing"')).length === 2);
});
