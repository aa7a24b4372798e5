import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { QuickJSHandle } from 'quickjs-emscripten';
import type { ExecResult } from 'agent-otel';
import { pathInside } from './files.js';
import type { Stream } from './output.js';
import { instantiateQuickJS } from './quickjs.js';
import type { WorkerJob, WorkerMessage } from './sandbox.js';

type VmCallResult = ReturnType<typeof vm.callFunction>;
type VmFunctionResult = QuickJSHandle | VmCallResult;

const PAGE_BYTES = 65_536;
/**
 * The VM's `console`. It runs inside the VM, so that a huge string is cut before it is
 * copied out, and keeps its own references, so that the code cannot change what it does.
 * A character is at least one byte: one more of them than the cap always passes the cap.
 */
const PRELUDE = `(print, charactersLeft) => {
  const { stringify } = JSON;
  const { String, Error } = globalThis;
  const slice = Function.prototype.call.bind(String.prototype.slice);
  const show = (value) => {
    if (value instanceof Error) return value + (value.stack ? '\\n' + value.stack : '');
    if (typeof value !== 'object') return String(value);
    try { return String(stringify(value)); } catch { return String(value); }
  };
  const writer = (stream) => (...values) => {
    let line = '';
    for (let i = 0; i < values.length; i++) line += (i > 0 ? ' ' : '') + show(values[i]);
    if (charactersLeft < 0) return;
    const text = slice(line + '\\n', 0, charactersLeft + 1);
    charactersLeft -= text.length;
    print(stream, text);
  };
  const [out, err] = [writer('stdout'), writer('stderr')];
  globalThis.console = { log: out, info: out, debug: out, warn: err, error: err };
}`;

const job = workerData as WorkerJob;
const { quickjs, unused } = await instantiateQuickJS(job.wasmModule, job.memoryCapPages);
const vm = quickjs.newContext();
// What the cap leaves unused, and one page for reading an error when memory is full.
const reserve = vm.newArrayBuffer(new ArrayBuffer((unused + 1) * PAGE_BYTES));
const probe = vm.unwrapResult(
  vm.evalCode('((ArrayBuffer) => (bytes) => { new ArrayBuffer(bytes); })(ArrayBuffer)'),
);
installGlobals();
say({ kind: 'ready' });
say({ kind: 'done', result: evaluate() });

function evaluate(): ExecResult {
  try {
    const room = tryMemory(job.code);
    if (room.error) return failed(room.error);
    const evaluated = vm.evalCode(job.code, 'exec.js');
    if (evaluated.error) return failed(evaluated.error);
    const jobs = vm.runtime.executePendingJobs();
    if (jobs.error) return failed(jobs.error);
    const state = vm.getPromiseState(evaluated.value);
    return state.type === 'rejected' ? failed(state.error) : 'success';
  } catch (error) {
    // The VM itself gave up, for example on the thread's stack.
    print('stderr', `${String(error)}\n`);
    return 'error';
  }
}

function failed(error: QuickJSHandle): ExecResult {
  if (reserve.alive) reserve.dispose();
  print('stderr', `${describe(vm.dump(error))}\n`);
  return 'error';
}

function describe(error: unknown): string {
  if (error === null) return 'Uncaught null (the VM throws it when it is out of memory)';
  const { name, message, stack = '' } = Object(error) as Record<string, unknown>;
  if (typeof name !== 'string') return `Uncaught ${inspect(error)}`;
  return `${name}: ${String(message)}\n${String(stack)}`.trimEnd();
}

function installGlobals(): void {
  const install = vm.unwrapResult(vm.evalCode(PRELUDE));
  const printer = vm.newFunction('print', (stream, text) => {
    print(vm.getString(stream) as Stream, vm.getString(text));
  });
  vm.unwrapResult(
    vm.callFunction(install, vm.undefined, printer, vm.newNumber(job.maxOutput)),
  ).dispose();
  vm.setProp(vm.global, 'readFile', vm.newFunction('readFile', readSessionFile));
}

/** `readFile(name)`: the text of a file of the session. */
function readSessionFile(name = vm.undefined): VmFunctionResult {
  const path = pathInside(job.directory, vm.getString(name));
  if (path === undefined) throw new Error('not a path in the session');
  const text = readText(path);
  const room = tryMemory(text);
  return room.error ? room : vm.newString(text);
}

/** Fails like the VM does where it has no room for a text: copying one in does not check. */
function tryMemory(text: string): VmCallResult {
  return vm.callFunction(probe, vm.undefined, vm.newNumber(Buffer.byteLength(text) + 1));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // The message would tell the code where the server keeps its files.
    throw new Error(`cannot read the file: ${(error as NodeJS.ErrnoException).code ?? 'error'}`);
  }
}

function print(stream: Stream, text: string): void {
  say({ kind: 'printed', stream, text: text.slice(0, job.maxOutput + 1) });
}

function say(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
