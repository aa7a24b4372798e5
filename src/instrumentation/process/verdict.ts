import { basename } from 'node:path';
import type { ProcessRule } from '../../config/rules.js';
import { globMatcher } from '../glob.js';

/** Something that a host starts, as rules see it. */
export interface Invocation {
  readonly kind: 'process' | 'worker' | 'wasi';
  /** The program, the worker's file, or the first word of a shell command. */
  readonly command: string;
  /** The arguments, joined by a space. */
  readonly args: string;
}

/** What something that is started is counted as. */
export type Verdict = Pick<ProcessRule, 'as' | 'untrusted'>;

/** Makes what finds the first rule that matches. */
export function createJudge(
  rules: readonly ProcessRule[],
): (invocation: Invocation) => Verdict | undefined {
  const tests = rules.map((rule) => ({ rule, matches: matcherOf(rule) }));
  return (invocation) => tests.find(({ matches }) => matches(invocation))?.rule;
}

function matcherOf({ kind, command, args }: ProcessRule): (invocation: Invocation) => boolean {
  const matchesCommand = command === undefined ? () => true : globMatcher(command);
  const matchesArgs = args === undefined ? () => true : globMatcher(args);
  return (invocation) =>
    (kind === undefined || kind === invocation.kind) &&
    (matchesCommand(invocation.command) || matchesCommand(basename(invocation.command))) &&
    matchesArgs(invocation.args);
}
