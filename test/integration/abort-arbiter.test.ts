/** Clients that leave mid-stream, and an upstream that dies, on the arbiter example. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { waitFor } from '../support/wait.js';
import { startExample, type ExampleServer } from './support/example-server.js';
import { scrape, type Scrape } from './support/exposition.js';
import { startProgram } from './support/processes.js';
import { ROOT } from '../support/paths.js';

const PROVIDERS = ['anthropic', 'openai', 'gemini', 'ollama'] as const;
const ROUTES = {
  orchestrate: '/v1/orchestrate',
  messages: '/v1/conversations/c1/messages',
  agent_chat: '/v1/agents/a1/chat',
};
const PATHS = Object.values(ROUTES);

interface Ask {
  readonly tenant: number;
  readonly path?: string | undefined;
  readonly provider?: string | undefined;
  readonly signal?: AbortSignal;
}

function ask({ url }: ExampleServer, { tenant, path, provider, signal }: Ask): Promise<Response> {
  return fetch(`${url}${path ?? ROUTES.orchestrate}`, {
    method: 'POST',
    headers: { authorization: `Bearer tenant-${tenant}-key` },
    body: JSON.stringify({ message: 'tell me a long story', provider: provider ?? 'openai' }),
    ...(signal && { signal }),
  });
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

function readerOf({ body }: Response): Reader {
  assert.ok(body);
  return body.getReader() as Reader;
}

/** The next part of a stream; '' is its end. */
async function readPart(reader: Reader): Promise<string> {
  return Buffer.from((await reader.read()).value ?? []).toString();
}

/** The sum of a family's samples, of those with these labels alone. */
function total(page: Scrape, family: string, labels: Record<string, string> = {}): number {
  return page.families
    .filter(({ name }) => name === family)
    .flatMap(({ samples }) => samples)
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
}

const accessLines = (server: ExampleServer, path: RegExp): string[] =>
  server.lines().filter((line) => line.startsWith('ts=') && path.test(line));

/** Waits until nothing is in flight, and gives the page that says so. */
function settled(server: ExampleServer, started: number): Promise<Scrape> {
  return waitFor(async () => {
    const page = await scrape(`${server.url}/v1/metrics`);
    const idle = total(page, 'arbiter_in_flight') === 0;
    return idle && total(page, 'arbiter_requests_started_total') >= started && page;
  });
}

test('twenty clients that leave mid-stream complete as not ok, once each, and nothing stays', async (t) => {
  const server = await startExample(t, 'arbiter');
  const clients = Array.from({ length: 20 }, (_, i) => ({
    tenant: 1 + (i % 5),
    path: PATHS[i % 3],
    provider: PROVIDERS[i % 4],
  }));
  await Promise.all(
    clients.map(async (client) => {
      const leaving = new AbortController();
      const answer = await ask(server, { ...client, signal: leaving.signal });
      assert.match(await readPart(readerOf(answer)), /^event: text/);
      leaving.abort();
    }),
  );
  const page = await settled(server, clients.length);
  assert.equal(total(page, 'arbiter_requests_started_total'), 20);
  assert.equal(total(page, 'arbiter_requests_completed_total', { ok: 'false' }), 20);
  assert.equal(total(page, 'arbiter_requests_completed_total', { ok: 'true' }), 0);
  for (const tenant of ['1', '2', '3', '4', '5']) {
    assert.equal(page.value(`arbiter_in_flight{tenant="${tenant}"}`), 0);
    assert.equal(total(page, 'arbiter_requests_completed_total', { tenant, ok: 'false' }), 4);
  }
  for (const provider of PROVIDERS) {
    assert.equal(page.value(`arbiter_provider_calls_total{provider="${provider}"}`), 5);
    // It is not the provider that failed.
    for (const family of ['retries', '5xx', '429', 'circuit_open']) {
      assert.equal(page.value(`arbiter_provider_${family}_total{provider="${provider}"}`), 0);
    }
  }
  const paths = /path=\/v1\/(orchestrate|conversations|agents)/;
  await waitFor(() => accessLines(server, paths).length >= 20, { what: 'twenty access lines' });

  // Another request, so that a line that came late or twice would have been seen.
  await (await ask(server, { tenant: 9 })).text();
  await waitFor(() => accessLines(server, /tenant=9$/).length === 1);
  const lines = accessLines(server, paths);
  assert.equal(lines.length, 21);
  assert.equal(new Set(lines.map((line) => / id=(\S+)/.exec(line)?.[1])).size, 21);
  assert.ok(lines.every((line) => line.includes(' status=200 ')));
});

test('an upstream that dies mid-stream fails every call as a broken socket, and so do later ones', async (t) => {
  const upstream = startProgram(t, {
    command: process.execPath,
    args: [`${ROOT}build/examples/upstream/server.js`],
    env: { PORT: '0' },
  });
  const server = await startExample(t, 'arbiter', {
    env: { UPSTREAM_URL: await upstream.says(/(http:\S+)/) },
  });
  const answers = await Promise.all(
    PROVIDERS.map((provider, i) => ask(server, { tenant: i + 1, provider })),
  );
  const readers = answers.map(readerOf);
  for (const reader of readers) assert.match(await readPart(reader), /^event: text/);
  await upstream.stop('SIGKILL');
  const endings: (string | undefined)[] = [];
  for (const reader of readers) {
    let text = '';
    for (let part = ' '; part !== ''; text += part) part = await readPart(reader);
    endings.push(/event: done\ndata: (.*)/.exec(text)?.[1]);
  }
  const failed = JSON.stringify({ ok: false, error: 'provider_error' });
  assert.deepEqual(
    endings,
    PROVIDERS.map(() => failed),
  );

  let page = await settled(server, 4);
  assert.equal(total(page, 'arbiter_requests_completed_total', { ok: 'false' }), 4);
  for (const provider of PROVIDERS) {
    const of = (name: string): number | undefined =>
      page.value(`arbiter_provider_${name}_total{provider="${provider}"}`);
    assert.deepEqual([of('calls'), of('retries'), of('5xx'), of('429')], [1, 0, 1, 0], provider);
  }

  // Nobody listens any more: the first attempt and both retries are refused.
  for (const [i, provider] of PROVIDERS.entries()) {
    assert.match(await (await ask(server, { tenant: i + 1, provider })).text(), /provider_error/);
  }
  page = await settled(server, 8);
  for (const provider of PROVIDERS) {
    const of = (name: string): number | undefined =>
      page.value(`arbiter_provider_${name}_total{provider="${provider}"}`);
    assert.deepEqual([of('calls'), of('retries'), of('5xx'), of('429')], [2, 2, 4, 0], provider);
  }
});
