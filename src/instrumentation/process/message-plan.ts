import type { MessageExecRule } from '../../config/rules.js';
import { compileResult, compileTruncated, type ReadResult } from '../exec-report.js';
import { compilePaths, textOf } from '../json-path.js';

/** How messages speak of executions, ready to be read. */
export interface MessagePlan {
  /** Whether a message to it begins one. */
  readonly begins: (message: unknown) => boolean;
  /** The result in a message from it; undefined for messages that are about something else. */
  readonly result: ReadResult;
  readonly truncated: (message: unknown) => boolean;
}

export function planMessages({ on, result, truncated }: MessageExecRule): MessagePlan {
  return {
    begins: on === undefined ? () => true : compileBeginning(on),
    result:
      result === undefined
        ? () => 'success'
        : compileResult(result.map(({ message, values }) => ({ paths: message, values }))),
    truncated: compileTruncated(truncated?.message),
  };
}

function compileBeginning({
  message,
  values,
}: NonNullable<MessageExecRule['on']>): MessagePlan['begins'] {
  const read = compilePaths(message);
  return (sent) => {
    const value = read(sent);
    return values === undefined ? value !== undefined : values.includes(textOf(value) ?? '');
  };
}
