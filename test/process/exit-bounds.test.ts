import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { startOtlpReceiver } from '../support/otlp-receiver.js';
import { fixture } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { freePort, send } from './support/client.js';
import { PRELOADED, workAndEnd } from './support/ending-host.js';

/** About two seconds, and what a busy machine adds. */
const BOUND_MS = 2500;

const elapsed = async <T>(wait: () => Promise<T>): Promise<[T, number]> => {
  const start = performance.now();
  return [await wait(), performance.now() - start];
};

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`a receiver that never answers delays ${signal} by no more than about two seconds`, async (t) => {
    const receiver = await startOtlpReceiver(t, { answer: { with: 'nothing' } });
    const host = await workAndEnd(t, {
      ending: 'no handler',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    const [ending, ms] = await elapsed(() => host.stop(signal));
    assert.deepEqual(ending, { code: null, signal });
    assert.ok(ms < BOUND_MS, `${ms} ms`);
  });
}

test('a receiver that refuses connections delays the end of nobody', async (t) => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${await freePort()}`;
  const host = await workAndEnd(t, {
    ending: 'no handler',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT },
  });
  const [ending, ms] = await elapsed(() => host.stop());
  assert.deepEqual(ending, { code: null, signal: 'SIGTERM' });
  assert.ok(ms < BOUND_MS, `${ms} ms`);
});

test('the end of a process takes little longer where the endpoint answers or refuses', async (t) => {
  const answering = await startOtlpReceiver(t);
  const silent = await startOtlpReceiver(t, { answer: { with: 'nothing' } });
  const endpoints = {
    'no endpoint': undefined,
    'one that answers': answering.url,
    'one that refuses connections': `http://127.0.0.1:${await freePort()}`,
    'one that never answers': silent.url,
  };
  const medians = new Map<string, number>();
  for (const [what, endpoint] of Object.entries(endpoints)) {
    const times: number[] = [];
    for (let i = 0; i < 3; i++) {
      const host = await workAndEnd(t, {
        ending: 'no handler',
        ...(endpoint !== undefined && { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } }),
      });
      const [, ms] = await elapsed(() => host.stop());
      times.push(ms);
    }
    const [, median = NaN] = times.sort((a, b) => a - b);
    medians.set(what, median);
    t.diagnostic(`${what}: ${median.toFixed(0)} ms from SIGTERM to the end`);
  }
  const most = medians.get('one that never answers') ?? NaN;
  for (const what of ['one that answers', 'one that refuses connections']) {
    assert.ok((medians.get(what) ?? NaN) < most, what);
  }
});

test('process.exit in a handler keeps its code and its moment when nothing can be exported', async (t) => {
  const receiver = await startOtlpReceiver(t, { answer: { with: 'nothing' } });
  const host = await workAndEnd(t, {
    ending: 'a handler that exits after 15 ms',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  const [ending, ms] = await elapsed(() => host.stop());
  assert.deepEqual(ending, { code: 0, signal: null });
  assert.ok(ms < BOUND_MS, `${ms} ms`);
});

test('a host whose exports hang ends by itself once its work is done', async (t) => {
  const receiver = await startOtlpReceiver(t, { answer: { with: 'nothing' } });
  const host = await startHost(t, {
    args: [fixture('ending.js'), 'natural'],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
    },
  });
  await send(`${host.url}/work`);
  // Both signals hang in the receiver: something to be held open by.
  await waitFor(() => receiver.requests.length >= 2, { what: 'exports that hang' });
  const [ending, ms] = await elapsed(async () => {
    await send(`${host.url}/end`);
    return host.ended;
  });
  assert.deepEqual(ending, { code: 0, signal: null });
  assert.ok(ms < BOUND_MS, `${ms} ms`);
});

test('a slow receiver gets everything if it answers within the bound', async (t) => {
  const receiver = await startOtlpReceiver(t, { answer: { with: 'success', afterMs: 300 } });
  const host = await workAndEnd(t, {
    ending: 'process.exit',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  assert.deepEqual(await host.ended, { code: 5, signal: null });
  assert.equal(receiver.spans().filter(({ kind }) => kind === 'SERVER').length, 4);
  assert.equal(new Set(receiver.spans().map(({ spanId }) => spanId)).size, receiver.spans().length);
});

test('a request that ends in the very turn in which the signal arrives has its line and its span', async (t) => {
  const receiver = await startOtlpReceiver(t);
  const host = await startHost(t, {
    args: [fixture('ending.js'), 'no handler'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  });
  await send(`${host.url}/end`);
  await host.line(/path=\/end/);
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  // The request waits for its last line, so that one byte completes it.
  socket.write('GET /late HTTP/1.1\r\nHost: h\r\n');
  await send(`${host.url}/end`);
  host.child.kill('SIGSTOP');
  socket.write('\r\n');
  const ended = host.stop('SIGTERM');
  host.child.kill('SIGCONT');
  await ended;
  // Whether the host still came to it is the kernel's choice; if it did, it says so.
  const answered = receiver.spans().filter(({ attributes }) => attributes['url.path'] === '/late');
  const lines = host.lines().filter((line) => line.includes('path=/late'));
  assert.equal(lines.length, answered.length);
});

test('no listener is added to any signal or error event unless OTLP is on', async (t) => {
  const source = `
    const events = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'beforeExit',
      'uncaughtException', 'uncaughtExceptionMonitor', 'unhandledRejection', 'warning', 'message'];
    const server = require('node:http').createServer((q, r) => r.end());
    server.listen(0, () => {
      console.log(server.address().port);
      require('node:http').get(server.address(), (response) => response.resume().on('end', () => {
        console.log(JSON.stringify(events.map((name) => process.listenerCount(name))));
        server.close();
        server.closeAllConnections();
      }));
    });`;
  const countsWith = async (nodeArgs: readonly string[]): Promise<string | undefined> => {
    const host = await startHost(t, { args: ['-e', source], nodeArgs });
    await host.ended;
    return host.stdout().split('\n')[1];
  };
  assert.equal(await countsWith(PRELOADED), await countsWith([]));
});
