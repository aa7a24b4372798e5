import type { Samples } from './samples.js';

/** What a burst of requests must have done to the documented samples. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #finals = new Map<string, number>();
  readonly #peaks = new Map<string, number>();
  readonly #sums = new Map<string, number>();

  /** A counter's sample rises by this much; repeated calls add up. */
  count(sample: string, amount = 1): void {
    this.#counts.set(sample, (this.#counts.get(sample) ?? 0) + amount);
  }

  /** How much a counter's sample is expected to have risen. */
  counted(sample: string): number {
    return this.#counts.get(sample) ?? 0;
  }

  /** A millisecond sum rises by at least this much. */
  atLeast(sample: string, amount: number): void {
    this.#sums.set(sample, (this.#sums.get(sample) ?? 0) + amount);
  }

  /** A gauge stands here at the end. */
  ends(sample: string, value: number): void {
    this.#finals.set(sample, value);
  }

  /** A gauge was this high at some time. */
  peaks(sample: string, value: number): void {
    this.#peaks.set(sample, value);
  }

  /** One line for each sample that is not where it should be. */
  check(seen: {
    readonly before: Samples;
    readonly after: Samples;
    readonly peaks: Samples;
    readonly counters: ReadonlySet<string>;
  }): string[] {
    const { before, after, peaks, counters } = seen;
    const problems: string[] = [];
    const expected = new Map(this.#counts);
    for (const name of after.keys()) {
      const family = name.replace(/\{.*/s, '');
      // A counter that nothing was done to must not have moved.
      if (counters.has(family) && !this.#sums.has(name) && !expected.has(name))
        expected.set(name, 0);
    }
    for (const [name, amount] of expected) {
      const rise = (after.get(name) ?? 0) - (before.get(name) ?? 0);
      if (rise !== amount) problems.push(`${name} rose by ${rise}, not by ${amount}`);
    }
    for (const [name, least] of this.#sums) {
      const rise = (after.get(name) ?? 0) - (before.get(name) ?? 0);
      if (!(rise >= least)) problems.push(`${name} rose by ${rise}, less than ${least}`);
    }
    for (const [name, value] of this.#finals) {
      const stands = after.get(name);
      if (stands !== value) problems.push(`${name} is ${stands ?? 'missing'}, not ${value}`);
    }
    for (const [name, value] of this.#peaks) {
      const peak = peaks.get(name);
      if (peak === undefined || peak < value) {
        problems.push(`${name} reached ${peak ?? 'nothing'}, not ${value}`);
      }
    }
    return problems;
  }
}
