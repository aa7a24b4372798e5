/** The serve scripts through npm itself, in a copy of the package: a build ends this one's. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { hasPrograms } from '../support/programs.js';
import { ROOT } from '../support/paths.js';
import { waitFor } from '../support/wait.js';
import { startProgram, type Program } from './support/processes.js';

const SOURCES = ['package.json', 'scripts', 'src', 'examples', 'test'];
const CONFIGS = ['tsconfig.json', 'tsconfig.types.json'];

function copyPackage(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'agent-otel-copy-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  for (const name of [...SOURCES, ...CONFIGS]) {
    cpSync(path.join(ROOT, name), path.join(directory, name), { recursive: true });
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  return directory;
}

async function npmRun(t: TestContext, args: readonly string[]): Promise<[Program, string]> {
  const program = startProgram(t, {
    command: 'npm',
    args: ['--prefix', copyPackage(t), 'run', '-s', ...args],
    env: { PORT: '0', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  });
  return [program, await program.says(/(http:\/\/127\.0\.0\.1:\d+)/)];
}

test('npm run -s serve:ash, its build included, writes nothing but JSON lines', async (t) => {
  if (!hasPrograms(t, 'npm')) return;
  const [program, url] = await npmRun(t, ['serve:ash']);
  assert.equal((await fetch(`${url}/health`)).status, 200);
  await program.stop();
  await waitFor(() => !program.alive(), { what: 'the last process to end' });
  const lines = program.merged().split('\n').filter(Boolean);
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /^\{.*\}$/);
});

test('npm run -s serve:wasmrun -- --max-output 10 cuts what is longer', async (t) => {
  if (!hasPrograms(t, 'npm')) return;
  const [program, url] = await npmRun(t, ['serve:wasmrun', '--', '--max-output', '10']);
  const created = await fetch(`${url}/api/v1/sessions`, { method: 'POST' });
  const { id } = (await created.json()) as { id: string };
  const answer = await fetch(`${url}/api/v1/sessions/${id}/exec`, {
    method: 'POST',
    body: JSON.stringify({ code: 'console.log("0123456789abcdef")' }),
  });
  const { stdout } = (await answer.json()) as { stdout: string };
  assert.equal(stdout, '0123456789');
  const page = await (await fetch(`${url}/api/v1/metrics`)).text();
  assert.match(page, /^wasmrun_agent_output_truncated_total 1$/m);
  await program.stop();
  await waitFor(() => !program.alive(), { what: 'the last process to end' });
});
