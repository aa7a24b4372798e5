import type { ChildProcess } from 'node:child_process';
import { beforeCall } from '../patch.js';
import type { Executions } from './executions.js';
import type { Lifetime } from './lifetime.js';
import { SandboxLifetime } from './sandbox-lifetime.js';

/** What is followed now, by process id. */
export type Followed = Map<number, Lifetime>;

/** Signals that end a process; others stop it, wake it or are for its own use. */
const ENDING = new Set<unknown>([
  ...[undefined, 'SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT'],
  ...[15, 9, 2, 1, 3, 6],
]);

/** What following a child process needs. */
export interface ChildOptions {
  readonly executions: Executions;
  readonly lifetime: Lifetime;
  readonly followed: Followed;
  /** Whether its exit is its end; where not, somebody else tells, and stops the following. */
  readonly endsAtExit: boolean;
}

/**
 * Follows a child from its spawn to its exit, by its own methods and not as a listener:
 * hosts count those. Returns what stops the following.
 */
export function followChild(child: ChildProcess, options: ChildOptions): () => void {
  const { executions, lifetime, followed, endsAtExit } = options;
  const { pid } = child;
  const onKill = executions.guarded(([signal]) => {
    if (ENDING.has(signal)) lifetime.stopping();
  });
  const onEmit = executions.guarded(([event, what]) => {
    if (event === 'message') lifetime.answered(what);
    if (!endsAtExit || !isEnd(child, event)) return;
    stop();
    lifetime.ended(event === 'exit' ? (what as number | null) : null);
  });
  const undo = [
    beforeCall(child, 'kill', onKill),
    beforeCall(child, 'emit', onEmit),
    ...(lifetime instanceof SandboxLifetime ? watchChannels(child, { executions, lifetime }) : []),
  ];
  if (pid !== undefined) followed.set(pid, lifetime);
  const stop = (): void => {
    for (const off of undo) off();
    if (pid !== undefined) followed.delete(pid);
  };
  return stop;
}

/** A child that could not be started has no `exit`, and a negative exit code. */
function isEnd(child: ChildProcess, event: unknown): boolean {
  return event === 'exit' || (event === 'error' && (child.exitCode ?? 0) < 0);
}

/**
 * A child shows life by its first output or message; one that has no way to say anything
 * does so by having been started. It is addressed by messages and by what is written to it.
 */
function watchChannels(
  child: ChildProcess,
  { executions, lifetime }: { executions: Executions; lifetime: SandboxLifetime },
): (() => void)[] {
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const isMute = outputs.length === 0 && child.channel == null;
  if (isMute && child.pid !== undefined) lifetime.showedLife();
  const onOutput = executions.guarded(([chunk]) => {
    if (chunk !== null) lifetime.showedLife();
  });
  const onInput = executions.guarded(() => {
    lifetime.addressed();
  });
  const onSend = executions.guarded(([message]) => {
    lifetime.sent(message);
  });
  return [
    ...outputs.map((stream) => beforeCall(stream, 'push', onOutput)),
    ...(child.stdin === null ? [] : [beforeCall(child.stdin, 'write', onInput)]),
    beforeCall(child, 'send', onSend),
  ];
}

/** Hosts end whole groups of processes through `process.kill`. */
export function followProcessKill(followed: Followed, executions: Executions): () => void {
  const onKill = executions.guarded(([pid, signal]) => {
    if (typeof pid === 'number' && ENDING.has(signal)) followed.get(Math.abs(pid))?.stopping();
  });
  return beforeCall(process, 'kill', onKill);
}
