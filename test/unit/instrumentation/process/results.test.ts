import assert from 'node:assert/strict';
import childProcess, { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { inspect, promisify } from 'node:util';
import { FOREVER, followProcesses, script } from '../../../support/processes.js';
import { startRuntime } from '../../../support/runtime.js';
import { exec } from '../../../../src/events/exec.js';
import { session } from '../../../../src/events/session.js';
import { instrumentProcesses } from '../../../../src/instrumentation/process/instrument-processes.js';

const SUCCESS = [1, 0, 0];
const ERROR = [0, 1, 0];
const TIMEOUT = [0, 0, 1];

/** Calls back when an asynchronous form is over, however it ends. */
const over = (start: (callback: () => void) => unknown): Promise<void> =>
  new Promise((resolve) => {
    start(() => {
      resolve();
    });
  });

const exit = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => {
    child.once('exit', resolve).once('error', resolve);
  });

const ignored = (call: () => unknown): void => {
  try {
    call();
  } catch {
    // What a host is thrown is another test's.
  }
};

const nodeExits = (code: number): [string, string[]] => script(`process.exit(${code})`);
const afterSpawn = async (child: ChildProcess, then: () => void): Promise<void> => {
  await once(child, 'spawn');
  then();
  await exit(child);
};

const CASES: readonly [string, number[], () => unknown][] = [
  ['exec that exits with 0', SUCCESS, () => over((done) => childProcess.exec('true', done))],
  ['exec that exits with 3', ERROR, () => over((done) => childProcess.exec('exit 3', done))],
  ['exec of no command', ERROR, () => over((done) => childProcess.exec('/nowhere', done))],
  ['exec without a callback', SUCCESS, () => exit(childProcess.exec('true'))],
  [
    'exec past its timeout',
    TIMEOUT,
    () => over((done) => childProcess.exec('sleep 30', { timeout: 50 }, done)),
  ],
  ['promisified exec', SUCCESS, () => promisify(childProcess.exec)('true')],
  [
    'promisified exec that fails',
    ERROR,
    () => promisify(childProcess.exec)('exit 1').catch(() => undefined),
  ],
  ['execFile', SUCCESS, () => over((done) => childProcess.execFile(...nodeExits(0), done))],
  [
    'execFile with options',
    ERROR,
    () => over((done) => childProcess.execFile(...nodeExits(1), {}, done)),
  ],
  ['promisified execFile', SUCCESS, () => promisify(childProcess.execFile)(...nodeExits(0))],
  [
    'promisified execFile past its timeout',
    TIMEOUT,
    () => promisify(childProcess.execFile)('sleep', ['30'], { timeout: 50 }).catch(() => undefined),
  ],
  ['spawn', SUCCESS, () => exit(childProcess.spawn(...nodeExits(0)))],
  ['spawn that exits with 2', ERROR, () => exit(childProcess.spawn(...nodeExits(2)))],
  ['spawn of nothing', ERROR, () => exit(childProcess.spawn('/nowhere'))],
  [
    'spawn past its timeout',
    TIMEOUT,
    () => exit(childProcess.spawn('sleep', ['30'], { timeout: 50 })),
  ],
  [
    'spawn past the deadline of its signal',
    TIMEOUT,
    () => exit(childProcess.spawn('sleep', ['30'], { signal: AbortSignal.timeout(50) })),
  ],
  [
    'spawn past a deadline among other signals',
    TIMEOUT,
    () => {
      const signal = AbortSignal.any([AbortSignal.timeout(50), new AbortController().signal]);
      return over((done) => childProcess.execFile('sleep', ['30'], { signal }, done));
    },
  ],
  [
    'spawn that is aborted',
    ERROR,
    () => {
      const controller = new AbortController();
      const child = childProcess.spawn('sleep', ['30'], { signal: controller.signal });
      child.once('error', () => undefined);
      return afterSpawn(child, () => {
        controller.abort();
      });
    },
  ],
  [
    'spawn that the host kills',
    ERROR,
    () => {
      const child = childProcess.spawn('sleep', ['30']);
      return afterSpawn(child, () => child.kill());
    },
  ],
  [
    'spawn that a timer of the host kills',
    TIMEOUT,
    () => {
      const child = childProcess.spawn('sleep', ['30']);
      setTimeout(() => child.kill('SIGKILL'), 50);
      return exit(child);
    },
  ],
  [
    'a process group that a timer of the host kills',
    TIMEOUT,
    () => {
      const child = childProcess.spawn('sleep', ['30'], { detached: true });
      setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 50);
      return exit(child);
    },
  ],
  [
    'a controller that a timer of the host aborts',
    TIMEOUT,
    () => {
      const controller = new AbortController();
      setTimeout(() => {
        controller.abort();
      }, 50);
      const { signal } = controller;
      return over((done) => childProcess.execFile('sleep', ['30'], { signal }, done));
    },
  ],
  [
    'a child that a timer has only looked at',
    SUCCESS,
    () => {
      const child = childProcess.spawn('sleep', ['0.2']);
      setTimeout(() => child.kill(0), 20);
      return exit(child);
    },
  ],
  [
    'a command that coreutils’ timeout has ended',
    TIMEOUT,
    () => exit(childProcess.spawn('timeout', ['0.05', 'sleep', '30'])),
  ],
  [
    'a shell command that coreutils’ timeout has ended',
    TIMEOUT,
    () => over((done) => childProcess.exec('timeout 0.05 sleep 30', done)),
  ],
  ['124 of any other program', ERROR, () => exit(childProcess.spawn(...nodeExits(124)))],
  [
    'fork',
    SUCCESS,
    () =>
      exit(
        childProcess.fork('-', [], { execPath: 'true', execArgv: [], stdio: 'ignore' } as object),
      ),
  ],
  [
    'a forked child that is killed once it has answered',
    SUCCESS,
    () => {
      const child = childProcess.spawn(...script(`process.send(1); ${FOREVER}`), {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.once('message', () => child.kill());
      return exit(child);
    },
  ],
  ['execSync', SUCCESS, () => childProcess.execSync('true')],
  [
    'execSync that exits with 3',
    ERROR,
    () => {
      ignored(() => childProcess.execSync('exit 3'));
    },
  ],
  [
    'execSync past its timeout',
    TIMEOUT,
    () => {
      ignored(() => childProcess.execSync('sleep 30', { timeout: 50 }));
    },
  ],
  ['execFileSync', SUCCESS, () => childProcess.execFileSync(...nodeExits(0))],
  [
    'execFileSync of nothing',
    ERROR,
    () => {
      ignored(() => childProcess.execFileSync('/nowhere'));
    },
  ],
  ['spawnSync', SUCCESS, () => childProcess.spawnSync(...nodeExits(0))],
  ['spawnSync that exits with 3', ERROR, () => childProcess.spawnSync(...nodeExits(3))],
  ['spawnSync of nothing', ERROR, () => childProcess.spawnSync('/nowhere')],
  [
    'spawnSync past its timeout',
    TIMEOUT,
    () => childProcess.spawnSync('sleep', ['30'], { timeout: 50 }),
  ],
  ['spawnSync with nothing but options', ERROR, () => childProcess.spawnSync('false', {})],
];

for (const [what, expected, run] of CASES) {
  test(`${what} is one execution: ${expected.join(' ')}`, async (t) => {
    const agent = followProcesses(t);
    await agent.inRequest(run);
    assert.deepEqual(await agent.results(), expected);
    assert.equal(agent.spans().filter(({ name }) => name === 'exec').length, 1);
    assert.deepEqual(agent.problems, []);
  });
}

const TRUNCATED: readonly [string, () => unknown][] = [
  [
    'execFile',
    () => over((done) => childProcess.execFile('echo', ['123'], { maxBuffer: 1 }, done)),
  ],
  ['exec', () => over((done) => childProcess.exec('echo 123', { maxBuffer: 1 }, done))],
  ['exec without a callback', () => exit(childProcess.exec('echo 123', { maxBuffer: 1 }))],
  [
    'promisified exec',
    () => promisify(childProcess.exec)('echo 123', { maxBuffer: 1 }).catch(() => undefined),
  ],
  [
    'execSync',
    () => {
      ignored(() => childProcess.execSync('echo 123', { maxBuffer: 1 }));
    },
  ],
  ['spawnSync', () => childProcess.spawnSync('echo', ['123'], { maxBuffer: 1 })],
];

for (const [form, run] of TRUNCATED) {
  test(`output of ${form} that is cut at maxBuffer is counted, and its span says so`, async (t) => {
    const agent = followProcesses(t);
    await agent.inRequest(run);
    assert.deepEqual(await agent.results(), ERROR);
    assert.equal(agent.sample('wasmrun_agent_output_truncated_total'), 1);
    assert.equal(agent.span('exec').attributes['agent.exec.output_truncated'], true);
  });
}

test('an execution is in flight from its start to its exit', async (t) => {
  const agent = followProcesses(t);
  const child = agent.inRequest(() => childProcess.spawn('sleep', ['30']));
  assert.equal(agent.sample('wasmrun_agent_exec_in_flight'), 1);
  child.kill();
  assert.deepEqual(await agent.results(), ERROR);
});

test('an execution is a child of the request’s span and belongs to the current session', async (t) => {
  const agent = followProcesses(t);
  await agent.inRequest(() => session.within('s1', () => promisify(childProcess.exec)('true')));
  const span = agent.span('exec');
  assert.equal(span.parentSpanContext?.spanId, agent.request.id);
  assert.equal(span.attributes['agent.session.id'], 's1');
  assert.equal(span.attributes['process.executable.name'], 'sh');
  assert.equal(typeof span.attributes['process.pid'], 'number');
});

test('no argument of a command is recorded', async (t) => {
  const agent = followProcesses(t);
  await agent.inRequest(() => {
    childProcess.execSync('true --token=s3cret');
    childProcess.spawnSync('true --token=s3cret', { shell: true });
    childProcess.execFileSync('true', ['s3cret']);
    return promisify(childProcess.exec)('true --token=s3cret');
  });
  assert.deepEqual(await agent.results(), [4, 0, 0]);
  const recorded = agent.spans().map(({ name, attributes }) => ({ name, attributes }));
  assert.doesNotMatch(JSON.stringify(recorded), /s3cret|token/);
});

test('what is started outside of any request is not counted', async (t) => {
  const agent = followProcesses(t);
  await promisify(childProcess.exec)('true');
  childProcess.spawnSync('true');
  assert.deepEqual(await agent.results(), [0, 0, 0]);
  assert.deepEqual(agent.spans(), []);
});

test('a host that reports its executions itself has none counted for it', async (t) => {
  const agent = followProcesses(t);
  await agent.inRequest(() => exec.run({}, () => promisify(childProcess.exec)('true')));
  assert.deepEqual(await agent.results(), [1, 0, 0]);
});

test('what runs when a host begins to report is followed to its end', async (t) => {
  const agent = followProcesses(t);
  const child = agent.inRequest(() => childProcess.spawn('sleep', ['30']));
  exec.run({}, () => undefined);
  child.kill();
  assert.deepEqual(await agent.results(), [1, 1, 0]);
});

test('once undone nothing new is followed, and what runs is followed to its end', async (t) => {
  const patched = [childProcess, childProcess.ChildProcess.prototype, process] as object[];
  const before = patched.map((target) => inspect(Object.getOwnPropertyDescriptors(target)));
  const originals = [childProcess.spawnSync, childProcess.execFile];
  const agent = startRuntime(t);
  const undo = instrumentProcesses({ runtime: agent.runtime, rules: [], traceContext: true });
  assert.notEqual(childProcess.execFile, originals[1]);
  const request = agent.incoming();
  const child = request.handle(() => childProcess.spawn('sleep', ['30']));
  undo();
  assert.deepEqual([childProcess.spawnSync, childProcess.execFile], originals);
  assert.deepEqual(
    patched.map((target) => inspect(Object.getOwnPropertyDescriptors(target))),
    before,
  );
  request.handle(() => childProcess.spawnSync('true'));
  child.kill();
  await once(child, 'exit');
  assert.equal(agent.sample('wasmrun_agent_exec_total{result="error"}'), 1);
  assert.equal(agent.sample('wasmrun_agent_exec_duration_ms_count'), 1);
});
