import assert from 'node:assert/strict';
import test from 'node:test';
import type { ProcessRule } from '../../../../src/config/rules.js';
import { invocationOf, shellInvocation } from '../../../../src/instrumentation/process/command.js';
import { createJudge, type Invocation } from '../../../../src/instrumentation/process/verdict.js';
import childProcess from 'node:child_process';
import { followProcesses } from '../../../support/processes.js';

const python: Invocation = { kind: 'process', command: '/usr/bin/python3', args: '-u run.py 1' };

const MATCHES: readonly [Omit<ProcessRule, 'as'>, Invocation, boolean][] = [
  [{}, python, true],
  [{ kind: 'process' }, python, true],
  [{ kind: 'worker' }, python, false],
  [{ command: 'python3' }, python, true],
  [{ command: '/usr/bin/python3' }, python, true],
  [{ command: '/usr/*' }, python, true],
  [{ command: 'python*' }, python, true],
  [{ command: 'python' }, python, false],
  [{ command: 'python.' }, python, false],
  [{ command: 'python3', args: '*run.py*' }, python, true],
  [{ command: 'python3', args: 'run.py*' }, python, false],
  [{ args: '' }, python, false],
  [{ args: '' }, { ...python, args: '' }, true],
  [{ args: '*a\nb*' }, { ...python, args: 'x a\nb' }, true],
];

for (const [rule, invocation, expected] of MATCHES) {
  test(`${JSON.stringify(rule)} ${expected ? 'matches' : 'does not match'} ${invocation.args}`, () => {
    assert.equal(createJudge([{ ...rule, as: 'exec' }])(invocation) !== undefined, expected);
  });
}

test('the first rule that matches decides', () => {
  const judge = createJudge([
    { kind: 'wasi', as: 'exec' },
    { command: 'python*', as: 'sandbox', untrusted: true },
    { as: 'ignore' },
  ]);
  assert.equal(judge(python)?.as, 'sandbox');
  assert.equal(judge(python)?.untrusted, true);
  assert.equal(judge({ ...python, command: 'node' })?.as, 'ignore');
});

const SCRIPTS: readonly [string, string, string][] = [
  ['ls', 'ls', ''],
  ['  git  log -1 ', 'git', 'log -1'],
  ['A=1 B= python3 run.py', 'python3', 'run.py'],
  ['"/my files/tool" a', '/my files/tool', 'a'],
  ["'tool' a", 'tool', 'a'],
  ['', '', ''],
];

for (const [script, command, args] of SCRIPTS) {
  test(`the shell command ${JSON.stringify(script)} is known by its first word`, () => {
    assert.deepEqual(shellInvocation(script), { kind: 'process', command, args });
  });
}

test('a command for a shell is told from a program, on any system', () => {
  const shells: [unknown, unknown[]][] = [
    [true, ['/bin/sh', '-c', 'git log']],
    ['bash', ['bash', '-c', 'git log']],
    [true, ['cmd.exe', '/d', '/s', '/c', '"git log"']],
  ];
  for (const [shell, args] of shells) {
    const { command, args: rest } = invocationOf({ file: String(args[0]), args, shell });
    assert.deepEqual([command, rest], ['git', 'log']);
  }
  assert.equal(invocationOf({ file: '/bin/sh', args: ['sh', '-c', 'git'] }).command, '/bin/sh');
  assert.deepEqual(invocationOf({ file: 'git' }), { kind: 'process', command: 'git', args: '' });
});

test('a rule counts what is started outside of requests, and ignores what is inside', async (t) => {
  const agent = followProcesses(t, {
    rules: [
      { command: 'true', as: 'exec' },
      { command: 'sh', args: '-c *ignored*', as: 'ignore' },
      { command: 'echo', as: 'ignore' },
    ],
  });
  childProcess.spawnSync('true');
  agent.inRequest(() => {
    childProcess.spawnSync('sh', ['-c', 'true # ignored']);
    childProcess.execSync('echo 1');
    childProcess.spawnSync('false');
  });
  assert.deepEqual(await agent.results(), [1, 1, 0]);
});

test('a call that waits is an execution also where a rule has sandboxes', async (t) => {
  const agent = followProcesses(t, { rules: [{ as: 'sandbox' }] });
  childProcess.spawnSync('true');
  assert.deepEqual(await agent.results(), [1, 0, 0]);
  assert.equal(agent.sample('ash_active_sandboxes'), 0);
});
