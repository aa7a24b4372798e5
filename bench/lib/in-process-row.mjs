import { freePort } from './machine.mjs';
import { interleave, Samples } from './measure.mjs';
import { withSubjects } from './subject.mjs';

/**
 * Measures inside of processes: for each round and stack a fresh one, in turn.
 * @param {object} options
 * @param {readonly import('./subject.mjs').Stack[]} options.stacks
 * @param {number} options.rounds
 * @param {(subject: import('./subject.mjs').Subject, stack: import('./subject.mjs').Stack) => Promise<Record<string, number>>} options.once
 */
export async function inProcesses({ stacks, rounds, once }) {
  const samples = new Samples();
  await interleave(stacks, rounds, async (stack) => {
    const port = String(await freePort());
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: port, ...stack.env };
    await withSubjects([{ ...stack, env }], async ([subject]) => {
      samples.add(stack.name, await once(subject, stack));
    });
  });
  return samples;
}

/**
 * A stack of each build of ours.
 * @param {readonly import('./ours.mjs').Ours[]} builds
 * @param {Partial<import('./subject.mjs').Stack> & { file: string, preload?: boolean, setting?: string }} options
 * @returns {import('./subject.mjs').Stack[]}
 */
export const oursOf = (builds, { file, preload = true, setting = '', flags = [], env = {} }) =>
  builds.map((build) => ({
    name: build.name + setting,
    file,
    flags: [...flags, ...(preload ? ['--require', build.preload] : [])],
    env: { ...build.env, OTEL_LOGS_EXPORTER: 'none', ...env },
  }));
