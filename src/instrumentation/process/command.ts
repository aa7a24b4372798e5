import { basename } from 'node:path';
import type { Span } from '@opentelemetry/api';
import { ATTR_PROCESS_EXECUTABLE_NAME, ATTR_PROCESS_PID } from '../../catalog/attributes.js';
import type { Invocation } from './verdict.js';

/** How a program is started, with `args[0]` its name as Node passes it to the system. */
export interface Command {
  readonly file: string;
  readonly args?: readonly unknown[];
  /** Whether a shell reads the last argument. */
  readonly shell?: unknown;
}

/** A command's first word, quoted or not, after the variables that it sets. */
const FIRST_WORD = /^\s*(?:\w+=\S*\s+)*(?:"([^"]*)"|'([^']*)'|(\S+))\s*(.*)$/s;

export function invocationOf({ file, args = [], shell }: Command): Invocation {
  if (isShell(shell)) {
    const script = String(args.at(-1));
    // cmd.exe gets the whole command in quotes.
    return shellInvocation(args.at(-2) === '/c' ? script.slice(1, -1) : script);
  }
  return { kind: 'process', command: file, args: args.slice(1).map(String).join(' ') };
}

/** Whether a `shell` option asks for a shell. */
export function isShell(shell: unknown): boolean {
  return Boolean(shell);
}

export function shellInvocation(script: string): Invocation {
  const [, quoted, singleQuoted, bare, rest = ''] = FIRST_WORD.exec(script) ?? [];
  return { kind: 'process', command: quoted ?? singleQuoted ?? bare ?? '', args: rest.trimEnd() };
}

/** Puts onto a span what the conventions have for a program; arguments may hold secrets. */
export function describeChild(
  span: Span,
  { file, pid }: { file: string; pid: number | undefined },
): void {
  span.setAttribute(ATTR_PROCESS_EXECUTABLE_NAME, basename(file));
  if (pid !== undefined) span.setAttribute(ATTR_PROCESS_PID, pid);
}
