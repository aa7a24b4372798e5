import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startHost } from '../support/host.js';
import { fixture, ROOT } from '../support/paths.js';
import { send } from './support/client.js';
import { temporaryFolder } from './support/ending-host.js';

const CLI = path.join(ROOT, 'dist', 'cli.cjs');

const check = (file: string): { code: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'check', file], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
};

function rulesFile(t: test.TestContext, content: string): string {
  const file = path.join(temporaryFolder(t), 'rules.json');
  writeFileSync(file, content);
  return file;
}

test('check says what each rule would do', (t) => {
  const file = rulesFile(t, '{ "routes": [{ "match": { "path": "/x" }, "route": "messages" }] }');
  assert.deepEqual(check(file), {
    code: 0,
    stdout: 'Any request to /x is an agent request of route messages.\n',
    stderr: '',
  });
});

test('check names the place of a wrong rule, explains the others, and fails', (t) => {
  const file = rulesFile(
    t,
    '{ "routes": [\n  { "match": { "path": "/x" } },\n  { "match": {} }\n] }',
  );
  const { code, stdout, stderr } = check(file);
  assert.equal(code, 1);
  assert.match(stdout, /^Any request to \/x .*\n$/);
  assert.equal(stderr, `${file}: line 3, column 5 (/routes/1/match): path is missing\n`);
});

test('check says when a file has no rules', (t) => {
  const said = { code: 0, stdout: 'No rules: the built-in ones apply.\n', stderr: '' };
  assert.deepEqual(check(rulesFile(t, '\ufeff{}')), said);
});

for (const [what, content, says] of [
  ['is no JSON', '{ "routes": [', 'it is not JSON at line 1, column 14'],
  ['is not there', undefined, 'ENOENT'],
] as const) {
  test(`check fails for a file that ${what}`, (t) => {
    const file = rulesFile(t, content ?? '');
    const { code, stdout, stderr } = check(content === undefined ? `${file}.no` : file);
    assert.deepEqual([code, stdout], [1, '']);
    assert.ok(stderr.includes(says), stderr);
    assert.equal(stderr.split('\n').length, 2, 'one line');
  });

  test(`a host whose rules file ${what} says so once and starts`, async (t) => {
    const written = rulesFile(t, content ?? '');
    const file = content === undefined ? `${written}.no` : written;
    const host = await startHost(t, {
      args: [fixture('answers.js')],
      env: { AGENT_OTEL_RULES: file, AGENT_OTEL_ACCESS_LOG: 'off' },
    });
    assert.equal((await send(`${host.url}/ok`)).body, 'ok');
    assert.equal(host.lines().length, 1, host.stderr());
    const line = host.lines()[0] ?? '';
    assert.ok(line.includes(`AGENT_OTEL_RULES="${file}" is not a readable JSON file of rules`));
    assert.ok(line.includes(says) && line.includes('the built-in rules are used'), line);
  });
}

test('a host with one wrong rule names its place', async (t) => {
  const file = rulesFile(t, '{ "routes": [{ "match": { "path": "x" } }] }');
  const host = await startHost(t, {
    args: [fixture('answers.js')],
    env: { AGENT_OTEL_RULES: file, AGENT_OTEL_ACCESS_LOG: 'off' },
  });
  await send(`${host.url}/ok`);
  assert.deepEqual(host.lines().length, 1, host.stderr());
  assert.match(
    host.lines()[0] ?? '',
    /AGENT_OTEL_RULES=".*", line 1, column 27 \(\/routes\/0\/match\/path\): "x" is not a path/,
  );
});

test('the schema that an editor reads is in the package', () => {
  const script = `const { properties } = require('agent-otel/rules.schema.json');
    console.log(Object.keys(properties).join());`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(stdout, '$schema,routes,processes,containers,providers\n');
});
