import assert from 'node:assert/strict';
import childProcess, {
  ChildProcess,
  execFile,
  fork,
  spawn,
  spawnSync,
  type SpawnOptions,
} from 'node:child_process';
import { once } from 'node:events';
import test from 'node:test';
import { inspect, promisify } from 'node:util';
import workerThreads, { Worker } from 'node:worker_threads';
import { followProcesses, script } from '../../../support/processes.js';

const FUNCTIONS = [
  'exec',
  'execFile',
  'spawn',
  'fork',
  'execSync',
  'execFileSync',
  'spawnSync',
] as const;

const shapeOf = (fn: object): unknown => {
  const promised = Object.getOwnPropertyDescriptor(fn, promisify.custom);
  return {
    ...Object.getOwnPropertyDescriptors(fn),
    prototype: undefined,
    [promisify.custom]: promised && {
      ...promised,
      value: Object.getOwnPropertyDescriptor(promised.value, 'name'),
    },
  };
};

test('every function keeps its name, its length and its properties', (t) => {
  const shapes = (): unknown => FUNCTIONS.map((name) => shapeOf(childProcess[name]));
  const before = shapes();
  const descriptors = inspect(Object.getOwnPropertyDescriptors(ChildProcess.prototype));
  followProcesses(t);
  assert.deepEqual(shapes(), before);
  assert.equal(inspect(Object.getOwnPropertyDescriptors(ChildProcess.prototype)), descriptors);
});

test('names that a module has imported are the followed functions', (t) => {
  followProcesses(t);
  assert.equal(execFile, childProcess.execFile);
  assert.equal(spawnSync, childProcess.spawnSync);
  assert.equal(Worker, workerThreads.Worker);
});

/** What a call returns or throws, without what differs from run to run. */
function outcomeOf(call: () => unknown): string {
  const show = (value: unknown): string =>
    inspect(value, { depth: 4 }).replace(/pid: \d+|\n\s+at .*/g, '');
  try {
    return show(call());
  } catch (error) {
    return `threw ${show(error)}`;
  }
}

const OPTIONS = Object.freeze({ encoding: 'utf8', env: Object.freeze({ A: '1' }) }) as object;
const anything = childProcess as unknown as Record<string, (...args: unknown[]) => unknown>;
const CALLS: readonly [string, unknown[]][] = [
  ['execSync', ['echo $A', OPTIONS]],
  ['execSync', ['echo out; echo err >&2; exit 3', { stdio: 'pipe' }]],
  ['execSync', [7]],
  ['execSync', ['true', 7]],
  ['execFileSync', ['echo', ['1']]],
  ['execFileSync', ['echo', ['1'], null]],
  ['execFileSync', ['echo', { encoding: 'utf8' }]],
  ['execFileSync', ['/nowhere']],
  ['execFileSync', ['sleep', ['9'], { timeout: 20 }]],
  ['spawnSync', ['echo', ['1'], OPTIONS]],
  ['spawnSync', ['cat', undefined, { input: 'x' }]],
  ['spawnSync', ['echo', null]],
  ['spawnSync', ['echo', [], null]],
  ['spawnSync', ['echo', []]],
  ['spawnSync', ['echo', 'no array']],
  ['spawnSync', ['echo', ['1'], { env: null }]],
  ['spawnSync', ['echo', ['1'], { env: 'no object' }]],
  ['spawnSync', ['printenv', [], { env: Object.create({ INHERITED: '1' }) as object }]],
  ['spawnSync', ['echo', ['\0']]],
  ['spawnSync', []],
  ['spawn', []],
  ['spawn', ['echo', ['1'], { cwd: 7 }]],
  ['spawn', ['echo', ['1'], { stdio: 'nonsense' }]],
  ['execFile', ['echo', [], {}, 'no function']],
  ['execFile', ['echo', 7]],
  ['execFile', ['echo', { timeout: -1 }]],
  ['fork', [7]],
];

for (const [name, args] of CALLS) {
  test(`${name}(${inspect(args)}) returns or throws what it did`, (t) => {
    const call = (): unknown => anything[name]?.(...args);
    const expected = outcomeOf(call);
    const agent = followProcesses(t, { traceContext: false });
    assert.equal(
      agent.inRequest(() => outcomeOf(call)),
      expected,
    );
  });
}

/** What `execFile` hands to its callback, with the callback's `this`. */
const callbackOf = (...args: unknown[]): Promise<string> =>
  new Promise((resolve) => {
    anything['execFile']?.(...args, function (this: unknown, ...outcome: unknown[]) {
      resolve(inspect([this, ...outcome]).replace(/\n\s+at .*/g, ''));
    });
  });

const CALLBACKS: readonly unknown[][] = [
  ['echo'],
  ['echo', ['1']],
  ['echo', { encoding: 'buffer' }],
  ['echo', null],
  ['echo', ['1'], { encoding: 'utf8' }],
  ['echo', undefined, { encoding: 'utf8' }],
  ['sleep', ['9'], { timeout: 20 }],
  ['echo', ['123'], { maxBuffer: 1 }],
  ['/nowhere'],
];

for (const args of CALLBACKS) {
  test(`the callback of execFile(${inspect(args)}) gets what it got`, async (t) => {
    const expected = await callbackOf(...args);
    const agent = followProcesses(t);
    assert.equal(await agent.inRequest(() => callbackOf(...args)), expected);
  });
}

test('promisified forms have the child on the promise, and output on the error', async (t) => {
  const agent = followProcesses(t);
  for (const form of [promisify(childProcess.execFile), promisify(childProcess.exec)] as const) {
    const promise = agent.inRequest(() =>
      (form as (file: string, options: object) => Promise<object> & { child: ChildProcess })(
        'false',
        { encoding: 'utf8' },
      ),
    );
    assert.ok(promise.child instanceof ChildProcess);
    await assert.rejects(promise, { stdout: '', stderr: '', code: 1 });
  }
});

test('a child that is followed looks like any other', async (t) => {
  const options: SpawnOptions = Object.freeze({ stdio: 'pipe', env: undefined });
  const look = (child: ChildProcess): unknown => ({
    keys: Object.keys(child),
    listeners: child.eventNames().map((name) => [name, child.listenerCount(name)]),
    streams: child.stdio.map((stream) => stream?.eventNames().length),
    spawnargs: child.spawnargs,
    killed: child.killed,
    kill: [child.kill.name, child.kill.length],
    emit: [child.emit.name, child.emit.length],
  });
  const start = (): ChildProcess => spawn(...script(''), options);
  const plain = start();
  const expected = look(plain);
  const agent = followProcesses(t);
  const child = agent.inRequest(start);
  assert.deepEqual(look(child), expected);
  assert.deepEqual(Object.keys(options), ['stdio', 'env']);
  await Promise.all([once(plain, 'close'), once(child, 'close')]);
  assert.deepEqual(Object.getOwnPropertyNames(child), Object.getOwnPropertyNames(plain));
});

test('a child that is not counted is left alone', (t) => {
  followProcesses(t);
  const child = spawn('true');
  assert.ok(!Object.hasOwn(child, 'emit') && !Object.hasOwn(child, 'kill'));
});

test('messages, output, exit code and detached children come through', async (t) => {
  const agent = followProcesses(t);
  const child = agent.inRequest(() =>
    fork('-', [], {
      execArgv: ['-e', 'process.on("message", (m) => process.send(m * 2, () => process.exit(5)))'],
      detached: true,
    } as object),
  );
  child.unref();
  child.ref();
  assert.equal(child.send(21), true);
  const [[answer], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [
    unknown[],
    unknown[],
  ];
  assert.deepEqual([answer, code], [42, 5]);
});

test('kill answers what it answered', async (t) => {
  const agent = followProcesses(t);
  const child = agent.inRequest(() => spawn('sleep', ['30']));
  assert.equal(child.kill(0), true);
  assert.equal(process.kill(child.pid ?? 0, 0), true);
  assert.throws(() => child.kill('SIGNONSENSE' as NodeJS.Signals), { code: 'ERR_UNKNOWN_SIGNAL' });
  assert.equal(child.kill(), true);
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
  assert.equal(child.kill(), false);
  assert.throws(() => process.kill(-1, 'SIGNONSENSE'), { code: 'ERR_UNKNOWN_SIGNAL' });
});

test('a worker thread is an instance of its class, of a subclass, and of nothing new', async (t) => {
  const { Worker: plain } = workerThreads;
  const other = new plain('', { eval: true });
  const agent = followProcesses(t);
  class Subclass extends workerThreads.Worker {
    readonly mine = 1;
  }
  const worker = agent.inRequest(() => new Subclass('', { eval: true }));
  assert.ok(worker instanceof Subclass && worker instanceof workerThreads.Worker);
  assert.ok(worker instanceof plain);
  assert.equal(worker.mine, 1);
  assert.equal(worker.constructor, Subclass);
  const direct = agent.inRequest(() => new workerThreads.Worker('', { eval: true }));
  assert.equal(direct.constructor, workerThreads.Worker);
  assert.deepEqual(Object.keys(direct), Object.keys(other));
  assert.deepEqual(direct.eventNames(), other.eventNames());
  assert.equal(workerThreads.Worker.name, 'Worker');
  assert.equal(workerThreads.Worker.length, plain.length);
  assert.throws(() => new workerThreads.Worker(7 as unknown as string), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  assert.throws(workerThreads.Worker as unknown as () => void, TypeError);
  await Promise.all([worker, direct, other].map((each) => once(each, 'exit')));
});
