/** The five jq recipes of Ash's document, as printed, on the merged output of the example. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { ashCommand } from './support/ash-command.js';
import { workAsh, type AshWork } from './support/ash-work.js';
import { documentedParts } from './support/documents.js';

const [RESUMES = '', COUNTS = '', OF_SESSION = '', SLOW = '', AVERAGE = ''] =
  documentedParts('ash-recipes.sh');
const TIMED = { ASH_DEBUG_TIMING: '1' };

type Line = Record<string, unknown>;
const parseLines = (text: string): Line[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** Runs a recipe around a working server; anything that jq cannot read fails it. */
async function runRecipe(t: TestContext, recipe: string): Promise<[string, AshWork]> {
  const [program, work] = await ashCommand(t, TIMED).run(recipe, workAsh);
  assert.equal((await program.ended).code, 0);
  assert.equal(program.stderr(), '');
  return [program.stdout(), work];
}

test('filtering resume events shows one line for each resume, and nothing else', async (t) => {
  if (!hasPrograms(t, 'jq')) return;
  const [output, { sessions }] = await runRecipe(t, RESUMES);
  assert.deepEqual(
    parseLines(output).map(({ type, path: how, sessionId }) => [type, how, sessionId]),
    [
      ['resume_hit', 'warm', sessions[0]],
      ['resume_hit', 'cold', sessions[1]],
      ['resume_hit', 'cold', sessions[1]],
    ],
  );
});

test('counting warm and cold resumes gives what was done', async (t) => {
  if (!hasPrograms(t, 'jq')) return;
  const [output, { warm, cold }] = await runRecipe(t, COUNTS);
  assert.deepEqual(JSON.parse(output), [
    { path: 'cold', count: cold },
    { path: 'warm', count: warm },
  ]);
});

test('finding slow messages shows the one that took more than half a second', async (t) => {
  if (!hasPrograms(t, 'jq')) return;
  const [output, { messages }] = await runRecipe(t, SLOW);
  const slow = messages.filter(({ sleepMs }) => sleepMs > 500);
  assert.deepEqual(
    parseLines(output).map(({ type, sessionId }) => [type, sessionId]),
    slow.map(({ session }) => ['timing', session]),
  );
});

test('the average time to first token is what clients waited for', async (t) => {
  if (!hasPrograms(t, 'jq')) return;
  const [output, { messages }] = await runRecipe(t, AVERAGE);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const average = Number(output);
  assert.ok(average >= mean(messages.map(({ sleepMs }) => sleepMs - 1)), output);
  assert.ok(average <= mean(messages.map(({ firstEventMs }) => firstEventMs + 1)), output);
});

test('the timing data of one session can be filtered by its id', async (t) => {
  if (!hasPrograms(t, 'jq')) return;
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-otel-merged-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  // The id is known only once the server has run, so the recipe gets what that has written.
  const file = path.join(directory, 'merged.log');
  const ash = ashCommand(t, TIMED);
  const [server, work] = await ash.run('ash start 2>&1', workAsh);
  writeFileSync(file, server.stdout());
  for (const id of work.sessions) {
    const program = await ash.replay(OF_SESSION.replace('SESSION_ID', id), file);
    assert.equal((await program.ended).code, 0);
    const own = work.messages.filter(({ session }) => session === id);
    assert.deepEqual(
      parseLines(program.stdout()).map(({ type, sessionId, eventCount }) => [
        type,
        sessionId,
        eventCount,
      ]),
      own.map(({ eventCount }) => ['timing', id, eventCount]),
    );
  }
});
