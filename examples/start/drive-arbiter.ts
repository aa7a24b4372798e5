import type { Watcher } from './samples.js';
import type { Tally } from './tally.js';
import { pause, until } from './wait.js';

const PROVIDERS = ['anthropic', 'openai', 'gemini', 'ollama'] as const;
type Provider = (typeof PROVIDERS)[number];

const PATHS = {
  orchestrate: '/v1/orchestrate',
  messages: '/v1/conversations/c1/messages',
  agent_chat: '/v1/agents/a1/chat',
} as const;
type Route = keyof typeof PATHS;

const RATE_PER_MINUTE = 60;
const MAX_CONCURRENT = 4;
const RETRIES = 2;
/** How long a circuit stays open in this demonstration, and a little more. */
export const BREAKER_RESET_MS = 600;

/** One request and what it is expected to do. */
interface Ask {
  readonly tenant: number;
  readonly route?: Route;
  readonly provider?: Provider;
  readonly message?: string;
  readonly key?: string;
}

/** Works an arbiter-shaped server through everything its document can show. */
export async function driveArbiter(
  url: string,
  { tally, watcher }: { tally: Tally; watcher: Watcher },
): Promise<void> {
  const ask = createAsk(url, tally);
  const routes = Object.keys(PATHS) as Route[];

  // Alone, because the good calls of others would keep the circuits closed.
  await Promise.all(
    PROVIDERS.map((provider, i) => breakProvider(ask, { provider, tenant: 20 + i, tally })),
  );
  await pause(BREAKER_RESET_MS);
  // One good call closes each circuit again, before many are made at once.
  await Promise.all(
    PROVIDERS.map((provider, i) =>
      ask({ tenant: 1 + (i % 2), provider, route: routes[i % 3] ?? 'messages' }),
    ),
  );
  await Promise.all([
    replayOnce(ask, tally),
    sandboxLife(ask, { tally, watcher }),
    refuseTheFifth(ask),
    leaveEarly(url, { tally, watcher }),
    exhaustMinute(ask),
  ]);

  await until(() => watcher.latest.get('arbiter_sandbox_container_reaped_total') === 1, {
    ms: 10_000,
  });
  for (const tenant of [1, 2, 5, 6, 7, 8, 9, 20, 21, 22, 23]) {
    tally.ends(`arbiter_in_flight{tenant="${tenant}"}`, 0);
  }
  tally.peaks('arbiter_in_flight{tenant="8"}', MAX_CONCURRENT);
  tally.peaks('arbiter_sandbox_containers_running', 1);
  tally.ends('arbiter_sandbox_containers_running', 0);
}

type AskFunction = (ask: Ask) => Promise<Response>;

/** Makes the function that asks once and tallies what its answer says has happened. */
function createAsk(url: string, tally: Tally): AskFunction {
  return async ({ tenant, route = 'orchestrate', provider = 'openai', message = 'hello', key }) => {
    const startedAt = performance.now();
    const response = await fetch(`${url}${PATHS[route]}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer tenant-${tenant}-key`,
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ message, provider }),
    });
    const text = await response.text();
    if (response.status === 429) {
      const { error } = JSON.parse(text) as { error: { reason: string } };
      tally.count(`arbiter_rate_limited_total{tenant="${tenant}",reason="${error.reason}"}`);
      return response;
    }
    if (response.headers.has('idempotent-replayed')) return response;
    const done = JSON.parse(/event: done\ndata: (.*)\n/.exec(text)?.[1] ?? '{}') as {
      ok?: boolean;
      error?: string;
    };
    const labels = `tenant="${tenant}",route="${route}"`;
    tally.count(`arbiter_requests_started_total{${labels}}`);
    tally.count(`arbiter_requests_completed_total{${labels},ok="${done.ok === true}"}`);
    // A stream lasts at least 300 ms; what the network adds is not the server's.
    const least = done.ok === true ? Math.min(300, performance.now() - startedAt) : 0;
    tally.atLeast(`arbiter_request_duration_ms_sum{${labels}}`, Math.floor(least));
    if (done.error !== 'circuit_open') tallyCall(tally, { provider, message });
    return response;
  };
}

function tallyCall(
  tally: Tally,
  { provider, message }: { provider: Provider; message: string },
): void {
  tally.count(`arbiter_provider_calls_total{provider="${provider}"}`);
  const failure = /fail:(429|5xx|reset)/.exec(message)?.[1];
  if (failure === undefined) return;
  tally.count(`arbiter_provider_retries_total{provider="${provider}"}`, RETRIES);
  const family = failure === '429' ? 'arbiter_provider_429_total' : 'arbiter_provider_5xx_total';
  tally.count(`${family}{provider="${provider}"}`, 1 + RETRIES);
}

async function replayOnce(ask: AskFunction, tally: Tally): Promise<void> {
  await ask({ tenant: 5, key: 'once' });
  tally.count('arbiter_idempotency_miss_total');
  const replay = await ask({ tenant: 5, key: 'once' });
  if (replay.headers.has('idempotent-replayed')) tally.count('arbiter_idempotency_replay_total');
}

/** A sandbox is started, used, times out, hangs, is rebuilt, and is reaped in the end. */
async function sandboxLife(
  ask: AskFunction,
  { tally, watcher }: { tally: Tally; watcher: Watcher },
): Promise<void> {
  const run = async (message: string): Promise<void> => {
    tally.count('arbiter_sandbox_exec_total');
    await ask({ tenant: 6, message });
  };
  await run('run: 6 * 7');
  tally.count('arbiter_sandbox_container_started_total');
  await run('run: for(;;){}');
  tally.count('arbiter_sandbox_exec_timeout_total');
  await run('hang:');
  await until(() => watcher.latest.get('arbiter_sandbox_container_rebuilt_total') === 1);
  tally.count('arbiter_sandbox_container_rebuilt_total');
  tally.count('arbiter_sandbox_container_reaped_total');
}

async function refuseTheFifth(ask: AskFunction): Promise<void> {
  // Long answers, so that the four are seen together even where everything is slow.
  const message = 'and on '.repeat(20);
  await Promise.all(
    Array.from({ length: MAX_CONCURRENT + 1 }, () =>
      ask({ tenant: 8, route: 'messages', message }),
    ),
  );
}

/** A client that goes away: its request completes as not ok, and nothing stays in flight. */
async function leaveEarly(
  url: string,
  { tally, watcher }: { tally: Tally; watcher: Watcher },
): Promise<void> {
  const controller = new AbortController();
  const response = await fetch(`${url}${PATHS.agent_chat}`, {
    method: 'POST',
    headers: { authorization: 'Bearer tenant-7-key' },
    body: JSON.stringify({ message: 'a long answer, please', provider: 'ollama' }),
    signal: controller.signal,
  });
  await response.body?.getReader().read();
  controller.abort();
  tally.count('arbiter_requests_started_total{tenant="7",route="agent_chat"}');
  tally.count('arbiter_requests_completed_total{tenant="7",route="agent_chat",ok="false"}');
  tally.atLeast('arbiter_request_duration_ms_sum{tenant="7",route="agent_chat"}', 0);
  tally.count('arbiter_provider_calls_total{provider="ollama"}');
  await until(() => watcher.latest.get('arbiter_in_flight{tenant="7"}') === 0);
}

/** Fails until the provider's circuit opens; the request after that is not sent. */
async function breakProvider(
  ask: AskFunction,
  { provider, tenant, tally }: { provider: Provider; tenant: number; tally: Tally },
): Promise<void> {
  await ask({ tenant, provider, message: 'fail:429' });
  await ask({ tenant, provider, message: 'fail:reset' });
  const answers = await Promise.all(
    Array.from({ length: MAX_CONCURRENT }, () => ask({ tenant, provider, message: 'fail:5xx' })),
  );
  await ask({ tenant, provider, message: 'is the circuit open?' });
  if (answers.length > 0)
    tally.count(`arbiter_provider_circuit_open_total{provider="${provider}"}`);
}

async function exhaustMinute(ask: AskFunction): Promise<void> {
  for (let sent = 0; sent < RATE_PER_MINUTE; sent += MAX_CONCURRENT) {
    await Promise.all(Array.from({ length: MAX_CONCURRENT }, () => ask({ tenant: 9 })));
  }
  await ask({ tenant: 9 });
}
