/** What Prometheus' own linter thinks of every page, and which of it the documents cause. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { startExample, type ExampleName, type ExampleServer } from './support/example-server.js';
import { parseExposition, scrape } from './support/exposition.js';

interface Accepted {
  /** The name that a document, or a convention, gives. */
  readonly name: string;
  readonly because: string;
  readonly findings: readonly string[];
}

const NO_TOTAL = 'counter metrics should have "_total" suffix';
const ABBREVIATED = 'metric names should not contain abbreviated units';
const suffix = (ending: string): string =>
  `non-histogram and non-summary metrics should not have "${ending}" suffix`;

const WASMRUN: readonly Accepted[] = [
  {
    name: 'wasmrun_agent_exec_duration_ms_sum',
    because: "wasmrun's document, metrics reference",
    findings: [NO_TOTAL, ABBREVIATED, suffix('_sum')],
  },
  {
    name: 'wasmrun_agent_exec_duration_ms_count',
    because: "wasmrun's document, metrics reference",
    findings: [NO_TOTAL, ABBREVIATED, suffix('_count')],
  },
  {
    name: 'wasmrun_agent_sessions_total',
    because: "wasmrun's document, metrics reference: a gauge",
    findings: ['non-counter metrics should not have "_total" suffix'],
  },
];

const ARBITER: readonly Accepted[] = [
  {
    name: 'arbiter_request_duration_ms_sum',
    because: "arbiter's document, request flow",
    findings: [NO_TOTAL, ABBREVIATED, suffix('_sum')],
  },
];

const CANONICAL: readonly Accepted[] = [
  {
    name: 'agent_sandbox_count',
    because: 'the OpenTelemetry naming of up-down counters, as in db.client.connection.count',
    findings: [suffix('_count')],
  },
];

const PAGES: readonly {
  readonly example: ExampleName;
  readonly path: string;
  readonly args?: readonly string[];
  readonly accepted: readonly Accepted[];
  readonly work: (server: ExampleServer) => Promise<unknown>;
}[] = [
  {
    example: 'wasmrun',
    path: '/api/v1/metrics',
    accepted: WASMRUN,
    work: ({ url }) => fetch(`${url}/api/v1/sessions`, { method: 'POST' }),
  },
  {
    example: 'ash',
    path: '/metrics',
    accepted: [],
    work: ({ url }) => fetch(`${url}/api/sessions`, { method: 'POST', body: '{"agent":"a"}' }),
  },
  {
    example: 'arbiter',
    path: '/v1/metrics',
    // The second request is limited, so that no family is without a sample.
    args: ['--rate', '1'],
    accepted: ARBITER,
    work: async ({ url }) => {
      for (const message of ['run: 6 * 7', 'once too often']) {
        const headers = { authorization: 'Bearer tenant-4-key' };
        const body = JSON.stringify({ message });
        await (await fetch(`${url}/v1/orchestrate`, { method: 'POST', headers, body })).text();
      }
    },
  },
];

/** The findings, and whether promtool could read the page at all. */
function lint(text: string): { findings: string[]; status: number | null } {
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { findings: `${stdout}${stderr}`.split('\n').filter(Boolean).sort(), status };
}

function assertAccepted(text: string, accepted: readonly Accepted[]): void {
  const { findings, status } = lint(text);
  // Both ways: what is new fails, and so does an exception that nothing needs any more.
  assert.deepEqual(
    findings,
    accepted.flatMap(({ name, findings: own }) => own.map((one) => `${name} ${one}`)).sort(),
  );
  assert.equal(status, findings.length === 0 ? 0 : 3);
}

for (const { example, path, args = [], accepted, work } of PAGES) {
  test(`promtool finds on the pages of ${example} what its document causes and nothing else`, async (t) => {
    if (!hasPrograms(t, 'promtool')) return;
    const server = await startExample(t, example, { args });
    const fresh = await fetch(`${server.url}${path}`);
    assert.notEqual(lint(await fresh.text()).status, 1, 'a fresh page can be read');
    await work(server);

    const page = await scrape(`${server.url}${path}`);
    assert.ok(page.families.every(({ samples }) => samples.length > 0));
    assertAccepted(page.text, accepted);
    const everything = await fetch(`${server.adminUrl}/metrics`);
    assert.equal(
      everything.headers.get('content-type'),
      'text/plain; version=0.0.4; charset=utf-8',
    );
    const text = await everything.text();
    parseExposition(text);
    assertAccepted(text, [...accepted, ...CANONICAL]);
  });
}
