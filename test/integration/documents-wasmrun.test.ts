/** Commands and samples of wasmrun's document, as printed, on the example server. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { waitFor } from '../support/wait.js';
import { assertLikeSample, documented, documentedParts, shapeOf } from './support/documents.js';
import { startExample, type ExampleServer } from './support/example-server.js';
import { sh } from './support/shell.js';

const EXECUTIONS = ['1', '2', '3', 'throw new Error("on purpose")'];
const CONTENT = 'x'.repeat(5_000);

/** Two sessions, four executions of which one fails, a file. */
async function startUsed(t: TestContext): Promise<{ server: ExampleServer; ids: string[] }> {
  const server = await startExample(t, 'wasmrun');
  const api = `${server.url}/api/v1/sessions`;
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${api}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const ids: string[] = [];
  for (const options of [{ memory_cap_pages: 4096 }, {}]) {
    ids.push(((await (await post('', options)).json()) as { id: string }).id);
  }
  for (const code of EXECUTIONS) {
    assert.equal((await post(`/${ids[0] ?? ''}/exec`, { code })).status, 200);
  }
  await fetch(`${api}/${ids[1] ?? ''}/files/a.txt`, { method: 'PUT', body: CONTENT });
  return { server, ids };
}

/** The document's commands, with the port that the server has here. */
function commandsFor(server: ExampleServer): string[] {
  const { port } = new URL(server.url);
  return documentedParts('wasmrun-commands.sh').map((text) => text.replace(':8430', `:${port}`));
}

test('the curl command of the wasmrun document shows its text format', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const { server } = await startUsed(t);
  const { stdout, status } = await sh(commandsFor(server)[0] ?? '');
  assert.equal(status, 0);
  assertLikeSample(stdout, documented('wasmrun-metrics.txt'));
  const value = (sample: string): string | undefined =>
    stdout.split('\n').find((line) => line.startsWith(`wasmrun_agent_${sample} `));
  for (const [sample, expected] of Object.entries({
    'exec_total{result="success"}': 3,
    'exec_total{result="error"}': 1,
    'exec_total{result="timeout"}': 0,
    exec_duration_ms_count: 4,
    sessions_created_total: 2,
    sessions_active: 2,
    sessions_total: 2,
    exec_in_flight: 0,
  })) {
    assert.equal(value(sample), `wasmrun_agent_${sample} ${expected}`);
  }

  const { headers } = await fetch(`${server.url}/api/v1/metrics`);
  assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4');
});

test('the curl command of the wasmrun document shows its JSON format', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const { server, ids } = await startUsed(t);
  const { stdout, status } = await sh(commandsFor(server)[1] ?? '');
  assert.equal(status, 0);
  const { sessions, ...metrics } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(shapeOf(metrics), shapeOf(JSON.parse(documented('wasmrun-metrics.json'))));
  assert.deepEqual(metrics['exec_total'], { success: 3, error: 1, timeout: 0 });
  assert.deepEqual(metrics['exec_rejected_total'], { concurrency: 0, payload: 0, unauthorized: 0 });
  assert.equal(metrics['exec_duration_ms_count'], 4);
  assert.ok(Number(metrics['exec_duration_ms_sum']) > 0);

  const sample = JSON.parse(documented('wasmrun-sessions.json')) as { sessions: object[] };
  const rows = sessions as { id: string; disk_bytes: number; memory_cap_pages: number | null }[];
  assert.equal(shapeOf([rows[0]]), shapeOf(sample.sessions));
  assert.deepEqual(
    rows.map((row) => [row.id, row.memory_cap_pages]),
    [
      [ids[0], 4096],
      [ids[1], null],
    ],
  );
  assert.ok((rows[1]?.disk_bytes ?? 0) >= CONTENT.length);
  const bytes = rows.reduce((sum, row) => sum + row.disk_bytes, 0);
  assert.equal(metrics['sessions_disk_bytes'], bytes, 'the rows make up the gauge');
});

test('the request id that curl and grep show is the id of the access line', async (t) => {
  if (!hasPrograms(t, 'curl', 'grep')) return;
  const server = await startExample(t, 'wasmrun');
  const [command = '', shown = ''] = (commandsFor(server)[2] ?? '').split('\n# ');
  const { stdout, status } = await sh(command);
  assert.equal(status, 0);
  const form = /^X-Request-Id: ([0-9a-f]{16})\r?\n$/;
  assert.match(`${shown}\n`, form, 'the sample has this form');
  const [, id = ''] = form.exec(stdout) ?? [];
  assert.notEqual(id, '', stdout);
  const line = await waitFor(() => server.lines().find((text) => text.includes(`id=${id} `)));
  assert.match(line, / method=GET path=\/api\/v1\/metrics status=200 dur_ms=\d+ tenant=-$/);
});

test('every request has one access line with the fields of the sample in their order', async (t) => {
  const { server } = await startUsed(t);
  const fields = (line: string): string[] =>
    [...line.matchAll(/(\S+?)=/g)].map(([, name]) => name ?? '');
  const sample = documented('wasmrun-access-line.txt').trim();
  const accessLines = (): string[] => server.lines().filter((line) => line.startsWith('ts='));
  // Two sessions, the executions, one file.
  const expected = 2 + EXECUTIONS.length + 1;
  await waitFor(() => accessLines().length >= expected, { what: `${expected} access lines` });
  assert.equal(accessLines().length, expected);
  for (const line of [sample, ...accessLines()]) {
    assert.deepEqual(fields(line), fields(sample));
    assert.match(
      line,
      /^ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 id=[0-9a-f]{16} method=[A-Z]+ path=\/\S+ status=\d{3} dur_ms=\d+ tenant=-$/,
    );
  }
  assert.equal(server.stdout().split('\n').length, 2, 'none of them on standard output');
});
