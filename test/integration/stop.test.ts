/** How the example servers end when they are told to, with something under way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor } from '../support/wait.js';
import { startExample, type ExampleName } from './support/example-server.js';

const post = (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });

/** Starts something long, and how its server's page shows that it runs. */
const LONG_WORK: Record<
  ExampleName,
  { start: (url: string) => Promise<unknown>; path: string; running: RegExp }
> = {
  wasmrun: {
    path: '/api/v1/metrics',
    running: /^wasmrun_agent_exec_in_flight 1$/m,
    async start(url) {
      const created = await post(`${url}/api/v1/sessions`, {});
      const { id } = (await created.json()) as { id: string };
      return post(`${url}/api/v1/sessions/${id}/exec`, { code: 'for (;;) {}' });
    },
  },
  ash: {
    path: '/metrics',
    running: /^ash_pool_sandboxes\{state="running"\} 1$/m,
    async start(url) {
      const created = await post(`${url}/api/sessions`, { agent: 'a' });
      const { session } = (await created.json()) as { session: { id: string } };
      return post(`${url}/api/sessions/${session.id}/messages`, { content: 'sleep:60000' });
    },
  },
  arbiter: {
    path: '/v1/metrics',
    running: /^arbiter_sandbox_exec_total 1$/m,
    start: (url) =>
      post(
        `${url}/v1/orchestrate`,
        { message: 'run: for(;;){}' },
        { authorization: 'Bearer tenant-1-key' },
      ),
  },
};

for (const [name, { start, path, running }] of Object.entries(LONG_WORK)) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`serve:${name} ends cleanly at ${signal} and leaves no process behind`, async (t) => {
      const server = await startExample(t, name as ExampleName);
      // Its client sees the end of the answer or of the connection; either will do.
      const underWay = start(server.url).catch(() => undefined);
      await waitFor(async () => running.test(await (await fetch(`${server.url}${path}`)).text()));
      assert.deepEqual(await server.stop(signal), { code: 0, signal: null });
      await waitFor(() => !server.alive(), { what: 'the last process to end', timeoutMs: 2_000 });
      await underWay;
    });
  }
}
