import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createLinePipe } from './line-pipe.mjs';
import { onSubjectCore } from './machine.mjs';

const STACKS = new URL('../stacks/', import.meta.url);
const PATIENCE_MS = 120_000;

/**
 * Variables of ours and of OpenTelemetry that this shell has would change what is measured.
 * @param {Record<string, string>} env
 */
function cleanEnvironment(env) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:OTEL_|AGENT_OTEL_|ASH_|NODE_|BENCH_)/.test(name),
  );
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...env };
}

/**
 * @typedef {object} Stack
 * @property {string} name
 * @property {string} file below stacks/
 * @property {readonly string[]} [flags] of Node
 * @property {Record<string, string>} [env]
 * @property {string} [node] the binary, when it is not this one
 * @property {boolean} [elsewhere] whether it runs beside the load generator
 */

/** A process that is asked things over its IPC channel: what is measured runs in it. */
export class Subject {
  #child;
  #asked = 0;
  #waiting = new Map();
  #exit;
  lines = createLinePipe();
  /** What it said when it was ready. @type {any} */
  ready;

  /** @param {Stack} stack */
  constructor({ name, file, flags = [], env = {}, node = process.execPath, elsewhere = false }) {
    this.name = name;
    const command = [node, ...flags, fileURLToPath(new URL(file, STACKS))];
    const [program, args] = elsewhere ? [command[0], command.slice(1)] : onSubjectCore(command);
    this.#child = spawn(program, args, {
      env: cleanEnvironment(env),
      stdio: ['ignore', 'ignore', this.lines.writeEnd, 'ipc'],
    });
    this.lines.handedOver();
    this.#exit = once(this.#child, 'exit');
    this.#exit.then(([code, signal]) => {
      const problem = new Error(`it ended with ${code ?? signal}`);
      for (const { reject } of this.#waiting.values()) reject(problem);
    });
    this.#child.on('message', (/** @type {any} */ { id, result, problem }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (problem === undefined) resolve?.(result);
      else reject?.(new Error(problem));
    });
  }

  /** Starts one and waits until it says that it is ready. @param {Stack} stack */
  static async start(stack) {
    const subject = new Subject(stack);
    subject.ready = await subject.ask('ready');
    return subject;
  }

  /** @param {string} command @param {unknown} [argument] @returns {Promise<any>} */
  async ask(command, argument) {
    const id = ++this.#asked;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const late = setTimeout(() => {
      this.#waiting.get(id)?.reject(new Error('no answer'));
    }, PATIENCE_MS);
    this.#child.send({ id, command, argument }, (problem) => {
      if (problem !== null) this.#waiting.get(id)?.reject(problem);
    });
    try {
      return await answer;
    } catch (error) {
      const said = this.lines.text.slice(-2000);
      throw new Error(`${this.name}: ${command}: ${String(error)}\n${said}`, { cause: error });
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  /** The code it ended with. */
  async ended() {
    const [code] = await this.#exit;
    return code;
  }

  async stop() {
    this.#child.kill('SIGKILL');
    await this.#exit;
    this.lines.close();
  }
}

/**
 * Runs something with subjects, and ends them whatever happens.
 * @template T
 * @param {readonly Stack[]} stacks
 * @param {(subjects: Subject[]) => Promise<T>} fn
 * @returns {Promise<T>}
 */
export async function withSubjects(stacks, fn) {
  const started = await Promise.allSettled(stacks.map((stack) => Subject.start(stack)));
  const subjects = started.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
  try {
    for (const s of started) if (s.status === 'rejected') throw s.reason;
    return await fn(subjects);
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
  }
}
