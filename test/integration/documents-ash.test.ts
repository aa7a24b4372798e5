/** Commands and samples of Ash's document, as printed, on the example server. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { AGENT, workAsh } from './support/ash-work.js';
import { ashCommand } from './support/ash-command.js';
import { documented, documentedParts, shapeOf, withoutValues } from './support/documents.js';
import { startExample } from './support/example-server.js';
import { sh } from './support/shell.js';

const [HEALTH = '', METRICS = '', START = ''] = documentedParts('ash-commands.sh');

const parseLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('the curl commands of the Ash document show its health and its metrics', async (t) => {
  if (!hasPrograms(t, 'curl')) return;
  const server = await startExample(t, 'ash', { args: ['--max-sandboxes', '10'] });
  const work = await workAsh(server.url);
  const env = { ASH_SERVER_URL: server.url };

  const metrics = await sh(METRICS, env);
  assert.equal(metrics.status, 0);
  assert.equal(withoutValues(metrics.stdout), withoutValues(documented('ash-metrics.txt')));
  const value = (sample: string): number => {
    const line = metrics.stdout.split('\n').find((text) => text.startsWith(`${sample} `)) ?? '';
    return Number(line.slice(sample.length));
  };
  assert.equal(value('ash_up'), 1);
  assert.equal(value('ash_active_sessions'), 2);
  assert.equal(value('ash_pool_sandboxes{state="waiting"}'), 2);
  assert.equal(value('ash_pool_sandboxes{state="running"}'), 0);
  assert.equal(value('ash_pool_max_capacity'), 10);
  assert.equal(value('ash_resume_total{path="warm"}'), work.warm);
  assert.equal(value('ash_resume_total{path="cold"}'), work.cold);

  const health = await sh(HEALTH, env);
  assert.equal(health.status, 0);
  const report = JSON.parse(health.stdout) as { uptime: number; pool: Record<string, number> };
  assert.equal(shapeOf(report), shapeOf(JSON.parse(documented('ash-health.json'))));
  const { uptime, pool, ...rest } = report;
  const live = (pool['warm'] ?? 0) + (pool['warming'] ?? 0) + 2;
  assert.deepEqual(rest, { status: 'ok', activeSessions: 2, activeSandboxes: live });
  assert.ok(Number.isInteger(uptime) && uptime >= 0 && uptime < 60);
  const states = ['cold', 'warming', 'warm', 'waiting', 'running'];
  assert.equal(
    pool['total'],
    states.reduce((sum, state) => sum + (pool[state] ?? NaN), 0),
  );
  assert.deepEqual(
    [pool['waiting'], pool['maxCapacity'], pool['resumeWarmHits'], pool['resumeColdHits']],
    [2, 10, work.warm, work.cold],
  );
});

test('ASH_DEBUG_TIMING=1 ash start writes the documented lines to standard error', async (t) => {
  const [program, work] = await ashCommand(t, {}).run(START, workAsh);
  const lines = parseLines(program.stderr());

  const timing = lines.filter(({ type }) => type === 'timing');
  for (const line of timing) {
    assert.equal(shapeOf(line), shapeOf(JSON.parse(documented('ash-timing.json'))));
    assert.match(String(line['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  assert.deepEqual(
    timing.map(({ sessionId, eventCount }) => ({ sessionId, eventCount })),
    work.messages.map(({ session, eventCount }) => ({ sessionId: session, eventCount })),
  );
  for (const [i, { sleepMs, firstEventMs }] of work.messages.entries()) {
    const { lookupMs, firstEventMs: first, totalMs } = timing[i] as Record<string, number>;
    assert.ok(lookupMs !== undefined && first !== undefined && totalMs !== undefined);
    assert.ok(lookupMs >= 0 && lookupMs <= first && first <= totalMs);
    // A timer may fire a millisecond early; the client cannot see an event before it was sent.
    assert.ok(first >= sleepMs - 1 && first <= firstEventMs + 1, `${first} ms of ${firstEventMs}`);
  }

  const resumes = lines.filter(({ type }) => type === 'resume_hit');
  for (const line of resumes) {
    assert.equal(shapeOf(line), shapeOf(JSON.parse(documented('ash-resume.json'))));
  }
  const [first, second] = work.sessions;
  assert.deepEqual(
    resumes.map(({ path, sessionId, agentName }) => ({ path, sessionId, agentName })),
    [
      { path: 'warm', sessionId: first, agentName: AGENT },
      { path: 'cold', sessionId: second, agentName: AGENT },
      { path: 'cold', sessionId: second, agentName: AGENT },
    ],
  );
  assert.deepEqual(
    parseLines(program.stdout()).map(({ type }) => type),
    ['listening'],
  );
});

test('without ASH_DEBUG_TIMING there are resume lines and no timing lines', async (t) => {
  const [program] = await ashCommand(t, {}).run('ash start', workAsh);
  assert.deepEqual(
    parseLines(program.stderr()).map(({ type }) => type),
    ['resume_hit', 'resume_hit', 'resume_hit'],
  );
});
