import { round, spread } from './numbers.mjs';
import { isOurs } from './ours.mjs';

/** From a hundred on; below it, what is measured is fixed. */
const FROM = 100;
/** A hundred times the work may cost 1.6 times as much a piece: caches are finite. */
const MAX_EXPONENT = 1.1;
/** As exact as the powers are, of which each is of some rounds. */
const MAX_ADDED = 0.03;

export const sizesOf = (short) => (short ? [100, 1000] : [1, 10, 100, 1000, 10_000]);

/** What stands for a stack at a size, among samples. */
export const at = (stack, size) => `${stack} at ${size}`;

/**
 * How a figure grows: of each stack and size a value of every round. The exponent says how the
 * whole grows with the size: 1 is in proportion, 2 is with its square.
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.unit
 * @param {readonly string[]} options.stacks
 * @param {readonly number[]} options.sizes
 * @param {boolean} options.isEach whether the figure is of one, and not of all
 * @param {Record<string, number[]>} options.samples
 */
export function growth({ name, unit, stacks, sizes, isEach, samples }) {
  const from = sizes.find((size) => size >= FROM) ?? sizes[0];
  const to = sizes[sizes.length - 1];
  return {
    name,
    unit,
    growth: stacks.map((stack) => {
      const figures = sizes.map((size) => ({ size, ...spread(samples[at(stack, size)]) }));
      const whole = (size) => {
        const { median } = figures.find((figure) => figure.size === size);
        return isEach ? median * size : median;
      };
      const exponent = Math.log(whole(to) / whole(from)) / Math.log(to / from);
      return { stack, figures, exponent: round(exponent) };
    }),
  };
}

/** Whether nothing of ours grows faster than its work; where the bare server does, than that. */
export const growthTargets = ({ growth: stacks }) => {
  const bare = stacks.find(({ stack }) => stack === 'bare')?.exponent ?? 0;
  const most = round(Math.max(MAX_EXPONENT, bare + MAX_ADDED));
  return stacks
    .filter(({ stack }) => isOurs(stack))
    .map(({ stack, exponent }) => ({
      ours: stack,
      exponent: most,
      value: exponent,
      reached: exponent <= most,
    }));
};
