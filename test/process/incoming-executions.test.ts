import assert from 'node:assert/strict';
import test from 'node:test';
import { startZeroCodeHost, type ZeroCodeHost } from './support/zero-code-host.js';

const at = (path: string, exec: object): object => ({ match: { path }, exec });
const RULES = {
  routes: [
    at('/run', {
      result: [
        { response: '$.timed_out', values: { true: 'timeout' } },
        { response: ['$.result', '$.exit_code'] },
      ],
      truncated: { response: '$.truncated' },
      statuses: { 422: 'error' },
    }),
    at('/bare', {}),
    at('/named', {
      result: { response: '$.error.name', values: { Late: 'timeout', '*': 'error' } },
    }),
  ],
};

interface Results {
  readonly success?: number;
  readonly error?: number;
  readonly timeout?: number;
}

async function shows(host: ZeroCodeHost, results: Results): Promise<void> {
  for (const result of ['success', 'error', 'timeout'] as const) {
    await host.shows('wasmrun_agent_exec_total', { result }, results[result] ?? 0);
  }
  await host.shows('wasmrun_agent_exec_in_flight', {}, 0);
}

const CASES: readonly [string, { path?: string; status?: number; answer: object }, Results][] = [
  ['a result', { answer: { result: 'timeout' } }, { timeout: 1 }],
  ['an exit code of 0', { answer: { timed_out: false, exit_code: 0 } }, { success: 1 }],
  ['another exit code', { answer: { exit_code: 2 } }, { error: 1 }],
  ['a flag before an exit code', { answer: { timed_out: true, exit_code: 2 } }, { timeout: 1 }],
  ['nothing, with success', { answer: {} }, { success: 1 }],
  ['a result that is none of the three', { answer: { result: 'maybe' } }, { success: 1 }],
  ['nothing, with a failure', { status: 500, answer: {} }, { error: 1 }],
  ['nothing, with a timeout', { status: 504, answer: {} }, { timeout: 1 }],
  ['a status by rule', { status: 422, answer: { detail: 'it threw' } }, { error: 1 }],
  [
    'a value that is listed',
    { path: '/named', answer: { error: { name: 'Late' } } },
    { timeout: 1 },
  ],
  ['one that is not', { path: '/named', answer: { error: { name: 'Odd' } } }, { error: 1 }],
  ['null', { path: '/named', answer: { error: null } }, { success: 1 }],
  ['a refusal', { status: 404, answer: { result: 'error' } }, {}],
  ['that it is busy', { status: 503, answer: {} }, {}],
  ['another address', { status: 303, answer: {} }, {}],
];

test('a request is one execution whose result its response says', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const sum: Record<keyof Results, number> = { success: 0, error: 0, timeout: 0 };
  for (const [what, { path = '/run', status = 200, answer }, results] of CASES) {
    await t.test(`of a response that says ${what}`, async () => {
      const headers = { 'x-status': String(status), 'x-answer': JSON.stringify(answer) };
      await host.ask(`POST ${path}`, 'as asked', headers);
      for (const result of ['success', 'error', 'timeout'] as const)
        sum[result] += results[result] ?? 0;
      await shows(host, sum);
    });
  }
});

test('a request that is turned away is a rejection and no execution', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  for (const how of ['unauthorized', 'too large', 'too many']) await host.ask('POST /run', how);
  await host.ask('POST /run', 'replay');
  for (const reason of ['unauthorized', 'payload', 'concurrency']) {
    await host.shows('wasmrun_agent_exec_rejected_total', { reason }, 1);
  }
  await shows(host, {});
});

test('an answer is read past its output, which may be long', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /run', 'with output');
  await host.shows('wasmrun_agent_output_truncated_total', {}, 1);
  await shows(host, { success: 1 });
});

test('the result may stand in an event of a stream', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /run', 'result in events');
  await shows(host, { timeout: 1 });
});

test('what cannot be seen to run is in flight until it is answered, and takes as long', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const answered = host.ask('POST /bare', 'after a while', { body: '{}' });
  await host.shows('wasmrun_agent_exec_in_flight', {}, 1);
  await answered;
  await shows(host, { success: 1 });
  const sum = (await host.scrape()).find(({ name }) => name.endsWith('exec_duration_ms_sum'));
  assert.ok((sum?.value ?? 0) >= 390, `${sum?.value} ms`);
});

test('what is started for it is a part of it: one execution, as bad as its worst part', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  await host.ask('POST /bare', 'two children');
  await shows(host, { error: 1 });
  await host.ask('POST /run', 'two children', { 'x-answer': '{"result":"success"}' });
  await shows(host, { success: 1, error: 1 });
  await host.ask('POST /elsewhere', 'two children');
  await shows(host, { success: 2, error: 2 });
});

test('a client that leaves ends it as an error', async (t) => {
  const host = await startZeroCodeHost(t, { rules: RULES });
  const left = new AbortController();
  const asked = fetch(`${host.url}/bare`, { headers: { 'x-do': 'silent' }, signal: left.signal });
  await host.shows('wasmrun_agent_exec_in_flight', {}, 1);
  left.abort();
  await assert.rejects(asked);
  await shows(host, { error: 1 });
});
