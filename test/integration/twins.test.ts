/**
 * Each example server and its twin, which is the same server built without a telemetry call and
 * run with the rules beside it: the same traffic, and then the same numbers and lines.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test, { type TestContext } from 'node:test';
import { BREAKER_RESET_MS, driveArbiter } from '../../examples/start/drive-arbiter.js';
import { driveAsh } from '../../examples/start/drive-ash.js';
import { driveUnauthorized, driveWasmrun } from '../../examples/start/drive-wasmrun.js';
import { ROOT } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { startExample, type ExampleName } from './support/example-server.js';
import { keyFile, keyLine } from './support/key-file.js';
import { driveAlike, type Seen, type Setting } from './support/twins.js';

/** What no two runs share: how long each has been up. */
const CLOCKS = ['ash_uptime_seconds'];

/** Sums of milliseconds: alike within half of the larger one, and what a busy machine adds. */
const SUMS = /_ms_sum(?:\{|$)/;
const SUM_TOLERANCE = { share: 0.5, ms: 500 };

function assertAlike({ called, uncalled }: { called: Seen; uncalled: Seen }): void {
  const names = [...new Set([...called.samples.keys(), ...uncalled.samples.keys()])];
  const expected: Record<string, unknown> = {};
  const actual: Record<string, unknown> = {};
  for (const name of names.filter((known) => !CLOCKS.includes(known))) {
    const [one, other] = [called.samples.get(name), uncalled.samples.get(name)];
    if (SUMS.test(name) && one !== undefined && other !== undefined) {
      const tolerated = SUM_TOLERANCE.share * Math.max(one, other) + SUM_TOLERANCE.ms;
      assert.ok(Math.abs(one - other) <= tolerated, `${name}: ${one} and ${other} ms`);
    } else {
      expected[name] = one;
      actual[name] = other;
    }
  }
  assert.deepEqual(actual, expected);
  assert.deepEqual(uncalled.lines, called.lines);
}

/** Where the twin's rules say that sessions have their directories. */
const DATA = ['--data', 'build/wasmrun-data'];

async function compare(t: TestContext, name: ExampleName, setting: Setting): Promise<void> {
  assertAlike(await driveAlike(t, name, setting));
}

test('there is no telemetry in the twins', () => {
  const folder = `${ROOT}build/twins`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.js'));
  assert.equal(sources.length, 6);
  for (const file of sources) {
    assert.doesNotMatch(
      readFileSync(`${folder}/${file}`, 'utf8'),
      /agent-otel|opentelemetry/,
      file,
    );
  }
});

test('wasmrun and its twin show the same', async (t) => {
  await compare(t, 'wasmrun', {
    path: '/api/v1/metrics',
    args: ['--clean-interval-ms', '2000', ...DATA],
    drive: driveWasmrun,
  });
});

test('wasmrun and its twin show the same with keys', async (t) => {
  const headers = { authorization: 'Bearer the-key' };
  const file = keyFile(t, keyLine('acme', 'the-key'));
  await compare(t, 'wasmrun', {
    path: '/api/v1/metrics',
    args: ['--auth', file, ...DATA],
    headers,
    drive: async (url, { tally }) => {
      await driveUnauthorized(url, tally);
      const session = await fetch(`${url}/api/v1/sessions`, { method: 'POST', headers });
      const { id } = (await session.json()) as { id: string };
      const body = JSON.stringify({ code: 'throw 1' });
      await fetch(`${url}/api/v1/sessions/${id}/exec`, { method: 'POST', headers, body });
    },
  });
});

test('ash and its twin show the same', async (t) => {
  await compare(t, 'ash', {
    path: '/metrics',
    args: ['--max-sandboxes', '16'],
    env: { ASH_DEBUG_TIMING: '1' },
    drive: (url, watched) => driveAsh(url, { ...watched, capacity: 16 }),
  });
});

test('arbiter and its twin show the same', async (t) => {
  await compare(t, 'arbiter', {
    path: '/v1/metrics',
    args: ['--sandbox-idle-ms', '3000', '--breaker-reset-ms', String(BREAKER_RESET_MS - 100)],
    drive: driveArbiter,
  });
});

test('a session whose sandbox dies is not active any more, with calls and without', async (t) => {
  for (const name of ['ash', 'twins/ash'] as const) {
    const { url } = await startExample(t, name);
    const post = async (path: string, body: object): Promise<string> =>
      (
        await fetch(`${url}/api/sessions${path}`, { method: 'POST', body: JSON.stringify(body) })
      ).text();
    const { session } = JSON.parse(await post('', { agent: 'a' })) as { session: { id: string } };
    const shows = (sample: string): Promise<unknown> =>
      waitFor(
        async () => (await (await fetch(`${url}/metrics`)).text()).includes(`\n${sample}\n`),
        {
          what: `${name} to show ${sample}`,
        },
      );
    await shows('ash_pool_sandboxes{state="waiting"} 1');
    await post(`/${session.id}/messages`, { content: 'crash' });
    await shows('ash_active_sessions 0');
    await shows('ash_pool_sandboxes{state="cold"} 1');
    await shows('ash_pool_sandboxes{state="warm"} 1');
  }
});
