import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test from 'node:test';
import { startZeroCodeHost, type ZeroCodeHost } from './support/zero-code-host.js';

const TIMED = { ASH_DEBUG_TIMING: '1' };
const MESSAGE = 'POST /api/sessions/s1/messages';
const route = { http_route: '/api/sessions/:id/messages' };

/** Opens a stream that stays open; gives what ends it. */
async function openStream(host: ZeroCodeHost): Promise<() => void> {
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
  socket.write('POST /stream HTTP/1.1\r\nHost: h\r\nx-do: first event\r\n\r\n');
  await once(socket, 'data');
  return () => {
    socket.destroy();
  };
}

test('a stream of any host is active until it ends, and how it ended is told', async (t) => {
  const host = await startZeroCodeHost(t);
  const leave = await openStream(host);
  await host.shows('agent_stream_active', {}, 1);
  await host.shows('agent_stream_time_to_headers_count', {}, 1);
  leave();
  await host.shows('agent_stream_active', {}, 0);
  await host.ask('GET /stream', 'ok');
  await host.ask('GET /stream', 'breaks off').catch(() => undefined);
  await host.ask('GET /stream', 'json');
  for (const outcome of ['completed', 'failed', 'aborted']) {
    await host.shows('agent_stream_duration_count', { agent_stream_outcome: outcome }, 1);
  }
});

test('the lifetime of a stream is no latency', async (t) => {
  const host = await startZeroCodeHost(t);
  const leave = await openStream(host);
  await new Promise((resolve) => setTimeout(resolve, 700));
  leave();
  await host.shows('agent_stream_duration_count', {}, 1);
  const samples = await host.scrape();
  const sum = (name: string): number =>
    samples.filter((sample) => sample.name === name).reduce((total, { value }) => total + value, 0);
  assert.ok(sum('agent_stream_duration_sum') >= 0.7);
  // The scrapes are requests too, and none of them takes long.
  assert.ok(sum('http_server_request_duration_sum') < 0.5);
});

test('an answer that the host breaks off is an error of its own, and its client did not leave', async (t) => {
  const host = await startZeroCodeHost(t, { env: { AGENT_OTEL_ACCESS_LOG: 'json' } });
  await host.ask('GET /x', 'breaks off').catch(() => undefined);
  await host.ask('GET /x', 'breaks off at once').catch(() => undefined);
  await host.shows(
    'http_server_request_duration_count',
    { error_type: 'incomplete', http_response_status_code: '200' },
    1,
  );
  await host.line(/"\/x","status":200/);
  await host.line(/"\/x","status":444/);
  assert.doesNotMatch(host.stderr(), /aborted/);
});

test('nobody sees that a response is looked at, and where it is not it is untouched', async (t) => {
  const host = await startZeroCodeHost(t, { env: TIMED });
  const untouched = { own: [], named: ['write', 3, 'end', 3], same: [true, true], prototype: true };
  const looked = { ...untouched, same: [false, false] };
  const seen = async (target: string): Promise<unknown> =>
    JSON.parse((await host.ask(target, 'inspect')).body);
  assert.deepEqual(await seen('GET /x'), untouched);
  assert.deepEqual(await seen('POST /api/sessions/s1/pause'), untouched);
  assert.deepEqual(await seen(MESSAGE), looked);
});

test('without timing no message is looked at', async (t) => {
  const host = await startZeroCodeHost(t);
  const { same } = JSON.parse((await host.ask(MESSAGE, 'inspect')).body) as { same: boolean[] };
  assert.deepEqual(same, [true, true]);
  await host.ask(MESSAGE, 'ok');
  await host.shows('agent_stream_duration_count', route, 1);
  await host.shows('agent_stream_events_total', route, undefined);
  assert.doesNotMatch(host.stderr(), /timing/);
});

for (const [how, env] of [
  ['looked at', TIMED],
  ['left alone', {}],
] as const) {
  test(`results, callbacks, errors, backpressure and pipes of a response that is ${how} are its own`, async (t) => {
    const host = await startZeroCodeHost(t, { env });
    const { body } = await host.ask(MESSAGE, 'exercise');
    const events = body
      .split('\n\n')
      .filter((event) => event.startsWith('data: '))
      .map((event) => JSON.parse(event.slice('data: '.length)) as unknown);
    assert.deepEqual(events.slice(0, 3), [1, 2, 3]);
    const seen = events[3] as unknown[];
    assert.deepEqual(seen.slice(0, 4), [true, true, false, 'ERR_INVALID_ARG_TYPE']);
    // In which order callbacks and `drain` come is for each version of Node to say.
    assert.deepEqual(seen.slice(4).sort(), ['drained', 'written', 'written']);
  });
}

const COUNTS: readonly (readonly [what: string, events: number])[] = [
  ['ok', 4],
  ['implicit headers', 4],
  ['done in pieces', 1],
  ['done by type', 2],
  ['done long ago', 1],
  ['piped', 4],
  ['gzip', 4],
  ['exercise', 4],
  ['json', 0],
];

for (const [what, events] of COUNTS) {
  test(`a message that is answered “${what}” was sent ${events} events`, async (t) => {
    const host = await startZeroCodeHost(t, { env: TIMED });
    await host.ask(MESSAGE, what);
    const timing = JSON.parse(await host.line(/"timing"/)) as Record<string, unknown>;
    assert.equal(timing['sessionId'], 's1');
    assert.equal(timing['sandboxId'], '');
    assert.equal(timing['eventCount'], events);
    assert.equal(Number(timing['firstEventMs']) > 0, events > 0);
  });
}

test('a message whose client leaves has its line, one that is refused has none', async (t) => {
  const host = await startZeroCodeHost(t, { env: TIMED });
  await host.ask(MESSAGE, 'conflict');
  const socket = net.connect(Number(new URL(host.url).port), '127.0.0.1');
  socket.write('POST /api/sessions/s2/messages HTTP/1.1\r\nHost: h\r\nx-do: first event\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  const timing = JSON.parse(await host.line(/"timing"/)) as Record<string, unknown>;
  assert.deepEqual([timing['sessionId'], timing['eventCount']], ['s2', 2]);
  assert.equal(host.lines().filter((line) => line.includes('"timing"')).length, 1);
});

test('time to the first event is counted where messages are timed', async (t) => {
  const host = await startZeroCodeHost(t, { env: TIMED });
  await host.ask(MESSAGE, 'ok');
  await host.shows('agent_stream_time_to_first_event_count', route, 1);
});
