// Keeps the servers of `npm start` lightly busy, failures included, until it is ended, so
// that the dashboards have something to show.
const {
  WASMRUN_URL = 'http://127.0.0.1:8430',
  ASH_URL = 'http://127.0.0.1:4100',
  ARBITER_URL = 'http://127.0.0.1:8080',
} = process.env;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const pick = (list) => list[Math.floor(Math.random() * list.length)];

async function post(url, body, headers = {}) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  return text.startsWith('{') ? JSON.parse(text) : text;
}

/** A session that executes a few things, most of which succeed. */
async function workWasmrun() {
  const sessions = `${WASMRUN_URL}/api/v1/sessions`;
  const { id } = await post(sessions, {});
  const programs = [
    'console.log(6 * 7)',
    'console.log("x".repeat(200_000))',
    'throw new Error("no")',
    'for (;;) {}',
  ];
  for (const code of [programs[0], programs[0], pick(programs)]) {
    await post(`${sessions}/${id}/exec`, { code, timeout_ms: 300 });
  }
  await fetch(`${sessions}/${id}`, { method: 'DELETE' });
}

/** A session that answers, rests and comes back, warm or cold. */
async function workAsh() {
  const sessions = `${ASH_URL}/api/sessions`;
  const { session } = await post(sessions, { agent: pick(['writer', 'coder']) });
  await post(`${sessions}/${session.id}/messages`, { content: 'sleep:200 tell me words:20' });
  await post(`${sessions}/${session.id}/${pick(['pause', 'pause', 'stop'])}`, {});
  await post(`${sessions}/${session.id}/resume`, {});
  await post(`${sessions}/${session.id}/messages`, { content: 'and now words:5' });
  await fetch(`${sessions}/${session.id}`, { method: 'DELETE' });
}

/** One tenant's request to one provider, which now and then fails or uses a sandbox. */
async function workArbiter() {
  const tenant = 1 + Math.floor(Math.random() * 6);
  const path = pick(['orchestrate', 'conversations/c1/messages', 'agents/a1/chat']);
  const message = pick(['hello', 'hello', 'hello', 'run: 6 * 7', 'fail:429', 'fail:5xx']);
  const provider = pick(['anthropic', 'openai', 'gemini', 'ollama']);
  await post(
    `${ARBITER_URL}/v1/${path}`,
    { message, provider },
    {
      authorization: `Bearer tenant-${tenant}-key`,
      'idempotency-key': String(Math.random()).slice(2, 4),
    },
  );
}

/** Over and over; a server that is away for a while is tried again. */
async function repeat(work) {
  for (;;) {
    await work().catch((error) => {
      console.error(`${work.name}: ${error.message}`);
    });
    await pause(500 + Math.random() * 1500);
  }
}

await Promise.all([workWasmrun, workAsh, workArbiter, workArbiter].map(repeat));
