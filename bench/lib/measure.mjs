import { growthTargets } from './growth.mjs';
import { isOurs } from './ours.mjs';
import { median, round, spread } from './numbers.mjs';

/**
 * What a row aims at. Ratios are of ours to the peer's: `atMost` where less is better,
 * `atLeast` where more is, `faster` the other way around. `below` is a figure of its own.
 * @typedef {object} Target
 * @property {string} [peer]
 * @property {string} [ours] the one build or setting it is about; all when absent
 * @property {number} [atMost]
 * @property {number} [atLeast]
 * @property {number} [faster]
 * @property {number} [below]
 */

/**
 * One figure of a row: for each stack a value of every round.
 * @typedef {object} Measure
 * @property {string} name
 * @property {string} unit
 * @property {Record<string, number[]>} samples
 * @property {string} [over] the stack whose value is taken off the others'
 * @property {readonly Target[]} [targets]
 * @property {boolean} [alone] whether ratios of it say nothing
 */

/**
 * Runs what measures one stack for all of them in turn, again and again.
 * @template S
 * @param {readonly S[]} stacks
 * @param {number} rounds
 * @param {(stack: S, round: number) => Promise<void>} once
 */
export async function interleave(stacks, rounds, once) {
  for (let i = 0; i < rounds; i++) for (const stack of stacks) await once(stack, i);
}

/** Keeps what is measured, by measure and stack. */
export class Samples {
  /** @type {Record<string, Record<string, number[]>>} */
  #of = {};

  /** @param {string} stack @param {Record<string, number>} values by measure */
  add(stack, values) {
    for (const [measure, value] of Object.entries(values)) {
      if (!Number.isFinite(value)) throw new Error(`${stack}: ${measure} is ${value}`);
      ((this.#of[measure] ??= {})[stack] ??= []).push(value);
    }
  }

  /** @param {string} measure */
  of(measure) {
    const samples = this.#of[measure];
    if (samples === undefined) throw new Error(`nothing was measured of ${measure}`);
    return samples;
  }
}

/** Medians, what is over the bare stack, ratios by round, and what of the targets is reached. */
export function summarise(measure) {
  if ('growth' in measure) return { ...measure, targets: growthTargets(measure) };
  const { name, unit, samples, over, targets = [], alone = false } = measure;
  const bare = over === undefined ? undefined : samples[over];
  const cost = (stack, i) => samples[stack][i] - (bare?.[i] ?? 0);
  const stacks = Object.keys(samples);
  const subjects = stacks.filter(isOurs);
  const costs = (stack) => samples[stack].map((_, i) => cost(stack, i));

  const figures = stacks.map((stack) => ({
    stack,
    ...spread(samples[stack]),
    ...(bare && stack !== over && { over: spread(costs(stack)) }),
  }));
  const isPeer = (stack) => !alone && !isOurs(stack) && stack !== over;
  const peers = stacks.filter(isPeer);
  const ratios = subjects.flatMap((ours) =>
    peers.map((peer) => ({
      ours,
      peer,
      ...spread(samples[ours].map((_, i) => cost(ours, i) / cost(peer, i))),
    })),
  );
  const reached = targets.flatMap((target) =>
    subjects
      .filter((ours) => target.ours === undefined || ours === target.ours)
      .map((ours) => judge(target, ours, costs)),
  );
  return { name, unit, ...(over && { over }), figures, ratios, targets: reached };
}

/** @param {Target} target @param {string} ours @param {(stack: string) => number[]} costs */
function judge(target, ours, costs) {
  const own = costs(ours);
  if (target.below !== undefined) {
    const value = median(own);
    return { ours, ...target, value: round(value), reached: value < target.below };
  }
  const theirs = costs(target.peer ?? '');
  const value = median(own.map((c, i) => (target.faster ? theirs[i] / c : c / theirs[i])));
  // Noise can make a cost over bare negative, and a ratio to that says nothing.
  const isMeasured = median(theirs) > 0;
  const isWithin =
    target.atMost === undefined
      ? value >= (target.atLeast ?? target.faster ?? NaN)
      : value <= target.atMost;
  const reached = isMeasured && isWithin;
  return { ours, ...target, value: round(value), reached };
}
