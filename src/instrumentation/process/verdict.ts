import { basename } from 'node:path';
import type { ProcessRule } from '../../config/rules.js';
import { globMatcher } from '../glob.js';
import { planMessages, type MessagePlan } from './message-plan.js';

/** Something that a host starts, as rules see it. */
export interface Invocation {
  readonly kind: 'process' | 'worker' | 'wasi';
  /** The program, the worker's file, or the first word of a shell command. */
  readonly command: string;
  /** The arguments, joined by a space. */
  readonly args: string;
}

/** What something that is started is counted as. One object for each rule. */
export interface Verdict extends Pick<ProcessRule, 'as' | 'untrusted' | 'per'> {
  /** How its messages speak of executions, where they do. */
  readonly messages?: MessagePlan | undefined;
}

/** Makes what finds the first rule that matches. */
export function createJudge(
  rules: readonly ProcessRule[],
): (invocation: Invocation) => Verdict | undefined {
  const tests = rules.map((rule) => ({
    verdict: { ...rule, messages: rule.exec && planMessages(rule.exec) },
    matches: matcherOf(rule),
  }));
  return (invocation) => tests.find(({ matches }) => matches(invocation))?.verdict;
}

function matcherOf({ kind, command, args }: ProcessRule): (invocation: Invocation) => boolean {
  const matchesCommand = command === undefined ? () => true : globMatcher(command);
  const matchesArgs = args === undefined ? () => true : globMatcher(args);
  return (invocation) =>
    (kind === undefined || kind === invocation.kind) &&
    (matchesCommand(invocation.command) || matchesCommand(basename(invocation.command))) &&
    matchesArgs(invocation.args);
}
