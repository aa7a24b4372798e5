import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import type { Ending, Host } from '../support/host.js';
import { waitFor } from '../support/wait.js';
import { parseAccessLine } from './support/access-lines.js';
import { requestId, send } from './support/client.js';
import { PRELOADED, temporaryModule, workAndEnd } from './support/ending-host.js';

const REQUESTS = 3;

interface Case {
  readonly ending: string;
  readonly signal?: NodeJS.Signals;
  /** Loads signal-exit ahead of the preload. */
  readonly signalExitFirst?: boolean;
}

const both = (ending: string, more: Partial<Case> = {}): Case[] => [
  { ending, signal: 'SIGTERM', ...more },
  { ending, signal: 'SIGINT', ...more },
];

const CASES: readonly Case[] = [
  { ending: 'natural' },
  { ending: 'natural with an exit code' },
  { ending: 'process.exit' },
  { ending: 'uncaught exception' },
  { ending: 'unhandled rejection' },
  ...both('no handler'),
  ...both('a handler that exits at once'),
  ...both('a handler that exits after 15 ms'),
  ...both('a handler that closes the server'),
  ...both('a handler that raises the signal again'),
  ...both('signal-exit loaded early', { signalExitFirst: true }),
  ...both('signal-exit loaded late'),
];

async function run(
  t: test.TestContext,
  { ending, signal, signalExitFirst = false }: Case,
  preloaded: { env: Record<string, string> } | undefined,
): Promise<{ host: Host; ended: Ending }> {
  const signalExit = createRequire(import.meta.url).resolve('signal-exit');
  const early = temporaryModule(
    t,
    `require(${JSON.stringify(signalExit)}).onExit(() => undefined);`,
  );
  const host = await workAndEnd(t, {
    ending,
    requests: REQUESTS,
    nodeArgs: [
      ...(signalExitFirst ? ['--require', early] : []),
      ...(preloaded === undefined ? [] : PRELOADED),
    ],
    env: preloaded?.env ?? {},
  });
  return { host, ended: signal === undefined ? await host.ended : await host.stop(signal) };
}

for (const ending of CASES) {
  const how = [ending.ending, ending.signal].filter(Boolean).join(', ');
  test(`everything is flushed once and the end is the host's own: ${how}`, async (t) => {
    const receiver = await startOtlpReceiver(t);
    const [bare, flushed] = await Promise.all([
      run(t, ending, undefined),
      run(t, ending, {
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
        },
      }),
    ]);
    assert.deepEqual(flushed.ended, bare.ended);
    assertComplete(receiver, flushed.host);
  });
}

function assertComplete(receiver: OtlpReceiver, host: Host): void {
  const spans = receiver.spans();
  const named = (kind: string): number => spans.filter((span) => span.kind === kind).length;
  assert.equal(named('SERVER'), REQUESTS + 1, 'server spans');
  assert.equal(named('INTERNAL'), REQUESTS, 'executions');
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length, 'each span once');

  const counted = (name: string): number =>
    receiver
      .points()
      .filter((point) => point.name === name)
      .reduce((total, { count }) => total + count, 0);
  assert.equal(counted('agent.exec.duration'), REQUESTS);
  assert.equal(counted('http.server.request.duration'), REQUESTS + 1);

  const paths = host
    .stderr()
    .split('\n')
    .map((line) => parseAccessLine(line)?.path)
    .filter((path) => path !== undefined);
  assert.deepEqual(paths, [...Array<string>(REQUESTS).fill('/work'), '/end']);
}

test('two SIGINTs end a host that handles the first alone, by the second', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await workAndEnd(t, {
    ending: 'a handler for the first signal alone',
    requests: REQUESTS,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    },
  });
  host.child.kill('SIGINT');
  await waitFor(() => host.stdout().includes('handled'), { what: 'the first signal' });
  assert.deepEqual(await host.stop('SIGINT'), { code: null, signal: 'SIGINT' });
  assertComplete(receiver, host);
});

test('a host that ignores a signal keeps running and keeps exporting', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await workAndEnd(t, {
    ending: 'a handler that does nothing',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' },
  });
  host.child.kill('SIGTERM');
  await waitFor(() => host.stdout().includes('handled'), { what: 'the signal' });
  const id = requestId(await send(`${host.url}/work`));
  await receiver.span(({ spanId }) => spanId === id, 'the request after the signal');
  assert.equal(host.child.exitCode, null);
});
